#include "fleetctl/commands/rollout_status_command.h"

#include <memory>
#include <ostream>
#include <string>

#include "flotilla/v1/rollout.grpc.pb.h"

#include "fleetctl/cli/exit_code.h"
#include "fleetctl/rollout/rollout_text.h"
#include "fleetctl/rpc/channel.h"
#include "fleetctl/rpc/rollout_watch.h"

namespace flotilla::fleetctl {
namespace {

struct StatusOptions {
  std::string id;
  bool watch = false;
  bool wait = false;
};

// Shows each change of a rollout: rewrites one line on a terminal, adds a line elsewhere.
class ProgressView {
 public:
  explicit ProgressView(Cli& cli) : cli_(cli) {}

  void Show(const v1::Rollout& rollout) {
    if (cli_.form() == OutputForm::kJson) {
      cli_.out() << JsonLine(rollout) << std::endl;
      return;
    }
    const std::string line = ProgressLine(rollout);
    if (cli_.surroundings().terminal) {
      cli_.out() << "\r\033[K" << line << std::flush;
    } else if (line != last_line_) {
      cli_.out() << line << std::endl;
    }
    last_line_ = line;
  }

  void End(const v1::Rollout& rollout) {
    if (cli_.form() == OutputForm::kJson) {
      return;
    }
    cli_.out() << (cli_.surroundings().terminal ? "\n" : "") << rollout.why() << "\n"
               << GuardLines(rollout) << std::flush;
  }

 private:
  Cli& cli_;
  std::string last_line_;
};

StatusOr<int> ShowStatus(Cli& cli, const StatusOptions& options) {
  if (!options.watch && !options.wait) {
    v1::GetRolloutRequest request;
    request.set_rollout_id(options.id);
    FLOTILLA_ASSIGN_OR_RETURN(
        const v1::GetRolloutResponse response,
        (Call<v1::RolloutService>(cli, &v1::RolloutService::Stub::GetRollout, request)));
    const v1::Rollout& rollout = response.rollout();
    if (cli.form() == OutputForm::kJson) {
      PrintJson(cli.out(), rollout);
    } else {
      cli.out() << ProgressLine(rollout) << "\n" << rollout.why() << "\n" << GuardLines(rollout);
    }
    return kExitOk;
  }
  ProgressView view(cli);
  int code = kWaitGoesOn;
  const AtPause at_pause = options.wait ? AtPause::kStop : AtPause::kGoOn;
  FLOTILLA_RETURN_IF_ERROR(WatchRollout(cli, options.id, [&](const v1::Rollout& rollout) {
    view.Show(rollout);
    code = WaitCodeOf(rollout, at_pause);
    if (code == kWaitGoesOn) {
      return Watching::kGoOn;
    }
    view.End(rollout);
    return Watching::kEnough;
  }));
  return code;
}

}  // namespace

void AddRolloutStatusCommand(Cli& cli, CLI::App& group) {
  const auto options = std::make_shared<StatusOptions>();
  CLI::App& command = cli.AddCommand(
      group, "status", "Show how far a rollout is",
      "fleetctl rollout status pump-2.0.0 -w\n"
      "  fleetctl rollout status pump-2.0.0 --wait --timeout 1h   # exit 0, 20, 21 or 22",
      [options](Cli& run) { return ShowStatus(run, *options); });
  command.add_option("rollout", options->id, "Name of the rollout")->required();
  command.add_flag("-w,--watch", options->watch, "Show every change until the rollout has ended");
  command.add_flag("--wait", options->wait, "The same, and end when it needs a person");
}

}  // namespace flotilla::fleetctl
