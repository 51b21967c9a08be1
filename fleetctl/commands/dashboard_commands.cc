#include "fleetctl/commands/dashboard_commands.h"

#include <memory>
#include <ostream>
#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "fleetctl/cli/exit_code.h"
#include "fleetctl/upload/https_client.h"

namespace flotilla::fleetctl {
namespace {

StatusOr<int> Dashboard(Cli& cli) {
  FLOTILLA_ASSIGN_OR_RETURN(const config::v1::Context context, cli.UsedContext());
  FLOTILLA_ASSIGN_OR_RETURN(const std::unique_ptr<HttpsClient> client,
                            HttpsClient::Create(context));
  FLOTILLA_ASSIGN_OR_RETURN(const std::string body, client->Post("/api/v1/tokens"));
  boost::system::error_code error;
  const boost::json::value answer = boost::json::parse(body, error);
  const boost::json::value* token =
      error || !answer.is_object() ? nullptr : answer.as_object().if_contains("token");
  if (token == nullptr || !token->is_string()) {
    return Internal("the controller's answer holds no token");
  }
  cli.out() << "https://" << context.dashboard_address()
            << "/#token=" << std::string(token->as_string()) << "\n";
  return kExitOk;
}

}  // namespace

void AddDashboardCommands(Cli& cli) {
  cli.AddCommand(cli.app(), "dashboard",
                 "Print the address of the dashboard, with a token that lasts an hour",
                 "fleetctl dashboard", &Dashboard);
}

}  // namespace flotilla::fleetctl
