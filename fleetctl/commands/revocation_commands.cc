#include "fleetctl/commands/revocation_commands.h"

#include <memory>
#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "flotilla/v1/revocation_service.grpc.pb.h"

#include "base/os_clock.h"
#include "base/time.h"
#include "fleetctl/cli/exit_code.h"
#include "fleetctl/release/revocation_text.h"
#include "fleetctl/rpc/channel.h"
#include "fleetctl/rpc/revocation_watch.h"

namespace flotilla::fleetctl {
namespace {

using v1::RevocationService;

struct RevokeOptions {
  std::string line;
  std::string version;
  std::string serve;
  std::string reason;
  std::string comment;
  bool watch = false;
};

StatusOr<v1::RevocationStatus> Look(const Cli& cli, const RevokeOptions& options) {
  v1::GetRevocationRequest request;
  request.set_line(options.line);
  request.set_version(options.version);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::GetRevocationResponse response,
      (Call<RevocationService>(cli, &RevocationService::Stub::GetRevocation, request)));
  return response.status();
}

// Follows until every online device has stopped, or somebody denied it.
class Follower {
 public:
  Follower(Cli& cli, Duration since) : cli_(cli), since_(since) {}

  Looking operator()(const v1::RevocationStatus& status) {
    switch (status.release().revocation().state()) {
      case v1::REVOCATION_STATE_WAITING:
        return Looking::kGoOn;
      case v1::REVOCATION_STATE_IN_FORCE:
        return Count(status);
      default:
        cli_.out() << RevocationText(status.release().revocation()) << std::endl;
        return Looking::kEnough;
    }
  }

 private:
  Looking Count(const v1::RevocationStatus& status) {
    if (since_ == absl::InfiniteDuration()) {
      since_ = clock_.Monotonic();
      cli_.out() << ToldText(status) << std::endl;
    }
    const Duration took = clock_.Monotonic() - since_;
    if (status.online_left() > 0) {
      Progress(absl::StrCat(status.online_left(), " online devices have not stopped yet"));
      return Looking::kGoOn;
    }
    cli_.out() << "every online device has stopped (" << status.stopped() << "): it took "
               << DurationText(absl::Trunc(took, absl::Milliseconds(1))) << "; "
               << status.offline_left() << " will when they connect" << std::endl;
    return Looking::kEnough;
  }

  void Progress(const std::string& line) {
    if (line != last_) {
      cli_.err() << line << std::endl;
    }
    last_ = line;
  }

  Cli& cli_;
  OsClock clock_;
  Duration since_;
  std::string last_;
};

StatusOr<int> Follow(Cli& cli, const RevokeOptions& options, Duration since) {
  Follower follower(cli, since);
  FLOTILLA_RETURN_IF_ERROR(
      WatchRevocation(cli, options.line, options.version,
                      [&](const v1::RevocationStatus& status) { return follower(status); }));
  return kExitOk;
}

StatusOr<int> Revoke(Cli& cli, const RevokeOptions& options) {
  v1::AskRevocationRequest request;
  request.set_line(options.line);
  request.set_version(options.version);
  FLOTILLA_ASSIGN_OR_RETURN(const v1::ServeInstead serve, ParseServe(options.serve));
  request.set_serve(serve);
  request.set_reason(options.reason);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::AskRevocationResponse response,
      (Call<RevocationService>(cli, &RevocationService::Stub::AskRevocation, request)));
  const v1::RevocationStatus& status = response.status();
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), response);
  } else {
    cli.out() << options.line << " " << options.version << ": waiting for a second person; "
              << status.online_left() << " devices would be told at once, " << status.offline_left()
              << " when they connect\nanother operator: fleetctl release "
              << "approve-revocation " << options.line << " " << options.version << std::endl;
  }
  return options.watch ? Follow(cli, options, absl::InfiniteDuration()) : StatusOr<int>(kExitOk);
}

StatusOr<v1::RevocationStatus> Decide(const Cli& cli, const RevokeOptions& options,
                                      v1::RevocationDecision decision, v1::ServeInstead serve) {
  v1::DecideRevocationRequest request;
  request.set_line(options.line);
  request.set_version(options.version);
  request.set_decision(decision);
  request.set_serve(serve);
  request.set_comment(options.comment);
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::DecideRevocationResponse response,
      (Call<RevocationService>(cli, &RevocationService::Stub::DecideRevocation, request)));
  return response.status();
}

StatusOr<int> Approve(Cli& cli, const RevokeOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const v1::RevocationStatus asked, Look(cli, options));
  const v1::ReleaseRevocation& revocation = asked.release().revocation();
  FLOTILLA_RETURN_IF_ERROR(cli.Confirm(
      absl::StrCat(RevocationText(revocation), ".\n", asked.online_left(),
                   " devices stop answering with ", options.line, " ", options.version,
                   " at once, ", asked.offline_left(), " when they connect, for good.")));
  const Duration since = OsClock().Monotonic();
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::RevocationStatus status,
      Decide(cli, options, v1::REVOCATION_DECISION_APPROVE, revocation.serve()));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), status);
  } else {
    cli.out() << ToldText(status) << std::endl;
  }
  return options.watch ? Follow(cli, options, since) : StatusOr<int>(kExitOk);
}

StatusOr<int> Deny(Cli& cli, const RevokeOptions& options) {
  FLOTILLA_ASSIGN_OR_RETURN(const v1::RevocationStatus asked, Look(cli, options));
  FLOTILLA_ASSIGN_OR_RETURN(
      const v1::RevocationStatus status,
      Decide(cli, options, v1::REVOCATION_DECISION_DENY, asked.release().revocation().serve()));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), status);
  } else {
    cli.out() << RevocationText(status.release().revocation()) << "\n";
  }
  return kExitOk;
}

StatusOr<int> Show(Cli& cli, const RevokeOptions& options) {
  if (options.watch) {
    return Follow(cli, options, absl::InfiniteDuration());
  }
  FLOTILLA_ASSIGN_OR_RETURN(const v1::RevocationStatus status, Look(cli, options));
  if (cli.form() == OutputForm::kJson) {
    PrintJson(cli.out(), status);
    return kExitOk;
  }
  cli.out() << RevocationText(status.release().revocation()) << "\n"
            << status.stopped() << " devices have stopped; " << status.online_left()
            << " online and " << status.offline_left() << " offline devices have not\n";
  return kExitOk;
}

CLI::App& AddForRelease(Cli& cli, CLI::App& group, const std::string& name, const std::string& what,
                        const std::string& example, const std::shared_ptr<RevokeOptions>& options,
                        StatusOr<int> (*run)(Cli&, const RevokeOptions&)) {
  CLI::App& command = cli.AddCommand(group, name, what, example,
                                     [options, run](Cli& used) { return run(used, *options); });
  command.add_option("line", options->line, "Model line")->required();
  command.add_option("version", options->version, "Version")->required();
  return command;
}

}  // namespace

void AddRevocationCommands(Cli& cli, CLI::App& group) {
  const auto options = std::make_shared<RevokeOptions>();
  constexpr char kFollow[] =
      "Follow until every online device has stopped, and say how long it took";
  CLI::App& revoke = AddForRelease(
      cli, group, "revoke", "Ask that no device answers with a release any more; another approves",
      "fleetctl release revoke pump-assistant 2.0.0 --serve previous --reason 'a wrong dose'",
      options, &Revoke);
  revoke.add_option("--serve", options->serve, "What devices serve then")
      ->required()
      ->check(CLI::IsMember({"baseline", "previous", "static-answer", "nothing"}));
  revoke.add_option("--reason", options->reason, "Why; kept in the audit log")->required();
  revoke.add_flag("-w,--watch", options->watch, kFollow);

  CLI::App& approve = AddForRelease(
      cli, group, "approve-revocation", "As a second operator: devices are told at once",
      "fleetctl release approve-revocation pump-assistant 2.0.0 -w", options, &Approve);
  approve.add_option("--comment", options->comment, "For the audit log");
  approve.add_flag("-w,--watch", options->watch, kFollow);

  AddForRelease(cli, group, "deny-revocation", "Refuse a revocation, or take one's own back",
                "fleetctl release deny-revocation pump-assistant 2.0.0", options, &Deny)
      .add_option("--comment", options->comment, "For the audit log");

  AddForRelease(cli, group, "revocation", "Show how far the devices of a revoked release are",
                "fleetctl release revocation pump-assistant 2.0.0 -w", options, &Show)
      .add_flag("-w,--watch", options->watch, kFollow);
}

}  // namespace flotilla::fleetctl
