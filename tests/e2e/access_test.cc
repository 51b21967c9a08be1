// Who may do what, with real certificates against the real controller.

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sqlite3.h>

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>
#include <gtest/gtest.h>

#include "controller/access/permissions.h"
#include "flotilla/v1/admin.grpc.pb.h"
#include "flotilla/v1/device.pb.h"
#include "flotilla/v1/enrolment.pb.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "flotilla/v1/release.pb.h"
#include "flotilla/v1/rollout.grpc.pb.h"
#include "tests/e2e/support/fleet_test.h"
#include "tests/e2e/support/http.h"

namespace flotilla::e2e {
namespace {

namespace fs = std::filesystem;

using controller::Caller;
using controller::Permission;
using controller::Permissions;

const std::vector<std::string> kRoles = {"viewer", "operator", "release-manager", "admin"};

Caller CallerOf(const std::string& role) {
  return role == "viewer"            ? Caller::kViewer
         : role == "operator"        ? Caller::kOperator
         : role == "release-manager" ? Caller::kReleaseManager
                                     : Caller::kAdmin;
}

class Access : public FleetTest {
 protected:
  fs::path File(const std::string& name) const { return site_.folder() / name; }

  // A person with a certificate of this role, and a context of the same name.
  void AddPerson(const std::string& name, const std::string& role) {
    Must(site_.Run(
        {"operator", "request", "--key", File(name + ".key"), "--out", File(name + ".csr")}));
    Must(site_.Run({"operator", "add", name, "--role", role, "--csr", File(name + ".csr"), "--out",
                    File(name + ".crt")}));
    Must(site_.Run({"context", "set", name, "--operator", site_.Listener("operator"), "--dashboard",
                    site_.Listener("dashboard"), "--ca", site_.state_dir() / "operator/ca.crt",
                    "--cert", File(name + ".crt"), "--key", File(name + ".key")}));
  }
  CommandResult As(const std::string& name, Command words) const {
    words.insert(words.end(), {"--context", name});
    return site_.Fleetctl(words);
  }
  std::shared_ptr<grpc::Channel> ChannelOf(const std::string& name) const {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = FileText(site_.state_dir() / "operator/ca.crt");
    options.pem_cert_chain = FileText(File(name + ".crt"));
    options.pem_private_key = FileText(File(name + ".key"));
    return grpc::CreateChannel(site_.Listener("operator"), grpc::SslCredentials(options));
  }
  static void Limit(grpc::ClientContext& context) {
    context.set_deadline(gpr_time_from_seconds(20, GPR_TIMESPAN));
  }
  // A request that changes nothing, for any method: empty, but for a CA, which has to be asked for
  // with a life that none may have.
  static std::string HarmlessRequest(const std::string& method) {
    v1::RotateCaRequest rotate;
    rotate.mutable_valid_for()->set_seconds(1);
    return method.ends_with("/RotateCa") ? rotate.SerializeAsString() : "";
  }
  // Such a request: whether it was refused for who asks; nothing when this controller does not have
  // the method.
  static std::optional<bool> Refused(const std::shared_ptr<grpc::Channel>& channel,
                                     const std::string& method) {
    grpc::GenericStub stub(channel);
    grpc::ClientContext context;
    Limit(context);
    grpc::CompletionQueue queue;
    const grpc::Slice bytes(HarmlessRequest(method));
    const grpc::ByteBuffer request(&bytes, 1);
    grpc::ByteBuffer response;
    grpc::Status status;
    const auto call = stub.PrepareUnaryCall(&context, method, request, &queue);
    call->StartCall();
    call->Finish(&response, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    const auto& trailers = context.GetServerTrailingMetadata();
    const auto reason = trailers.find("flotilla-reason-bin");
    const bool named =
        reason != trailers.end() && std::string(reason->second.data(), reason->second.size()) ==
                                        std::to_string(v1::FAILURE_REASON_CONTROL_NOT_ALLOWED);
    EXPECT_EQ(status.error_code() == grpc::StatusCode::PERMISSION_DENIED, named)
        << method << ": " << status.error_message();
    EXPECT_NE(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
    return status.error_code() == grpc::StatusCode::UNIMPLEMENTED ? std::nullopt
                                                                  : std::optional<bool>(named);
  }
  HttpResult Get(const std::string& name, const std::string& path) const {
    HttpOptions options;
    options.ca = site_.state_dir() / "operator/ca.crt";
    options.certificate = File(name + ".crt");
    options.key = File(name + ".key");
    return HttpCall("https://" + site_.Listener("dashboard") + path, options);
  }
  std::string AuditText() const { return site_.Fleetctl({"audit", "list", "-o", "json"}).out; }
};

TEST_F(Access, FollowsTheTableForEveryRoleAndEveryCall) {
  for (const std::string& role : kRoles) {
    const std::string name = "some-" + role;  // "admin" is there already
    AddPerson(name, role);
    const auto channel = ChannelOf(name);
    int calls = 0;
    for (const Permission& row : Permissions()) {
      const std::string what(row.what);
      const bool of_operators =
          what.find("Service.") != std::string::npos && row.least >= Caller::kViewer;
      if (!of_operators) {
        continue;
      }
      const std::size_t dot = what.find('.');
      const std::string method = "/flotilla.v1." + what.substr(0, dot) + "/" + what.substr(dot + 1);
      const std::optional<bool> refused = Refused(channel, method);
      if (refused.has_value()) {
        ++calls;
        EXPECT_EQ(*refused, CallerOf(role) < row.least) << role << " " << what;
      }
    }
    EXPECT_GT(calls, 25);
  }
}

TEST_F(Access, HoldsForRestAndForTheTokensOfEachRole) {
  AddPerson("viewer", "viewer");
  AddPerson("publisher", "release-manager");
  for (const char* path : {"/api/v1/overview", "/api/v1/devices", "/api/v1/audit",
                           "/api/v1/audit/verification", "/api/v1/expiry", "/metrics"}) {
    EXPECT_EQ(Get("viewer", path).status, 200) << path;
  }
  EXPECT_NE(Get("viewer", "/api/v1/audit/verification").body.find(R"("sound":true)"),
            std::string::npos);
  EXPECT_NE(As("viewer", {"expiry", "--within", "all"}).out.find("root"),
            std::string::npos);  // and reads it anew
  EXPECT_NE(
      Get("viewer", "/metrics").body.find("fleet_role_expiry_timestamp_seconds{role=\"root\"}"),
      std::string::npos);
  // An upload needs more than a viewer.
  Must(site_.Run({"context", "use", "viewer"}));
  const Status push = site_.Push("1.0.0", kModelV1, 40);
  EXPECT_EQ(push.code(), StatusCode::kInternal) << push;
  EXPECT_NE(MessageOf(push).find("your role does not allow it"), std::string::npos) << push;
  Must(site_.Run({"context", "use", "publisher"}));
  Must(site_.Push("1.0.0", kModelV1, 40));
  const std::string page = As("viewer", {"dashboard"}).out;
  EXPECT_NE(page.find(".viewer."), std::string::npos) << "the token says whose it is: " << page;
}

TEST_F(Access, NamesRoleReasonAndWhoMayAndAuditsTheRefusal) {
  AddPerson("victor", "viewer");
  const CommandResult status = As("victor", {"auth", "status"});
  EXPECT_NE(status.out.find("operator victor, role viewer"), std::string::npos) << status.out;
  const CommandResult refused = As("victor", {"enroll", "token", "create"});
  EXPECT_EQ(refused.exit_code, 4);
  EXPECT_NE(refused.err.find("is for operator, release-manager and admin; you are operator victor, "
                             "role viewer [CONTROL_NOT_ALLOWED 807]"),
            std::string::npos)
      << refused.err;
  EXPECT_TRUE(Eventually([&] {
    const std::string audit = AuditText();
    return audit.find("access.refused") != std::string::npos &&
           audit.find("operator:victor") != std::string::npos;
  }));
}

TEST_F(Access, EndsForARevokedOperatorAtOnceOpenStreamsIncluded) {
  AddPerson("olga", "operator");
  Must(site_.Push("1.0.0", kModelV1, 40));
  ASSERT_EQ(As("olga",
               {"rollout", "create", "r1", "--line", kLine, "--version", "1.0.0", "--allow-empty"})
                .exit_code,
            0);
  const auto channel = ChannelOf("olga");
  const auto stub = v1::RolloutService::NewStub(channel);
  grpc::ClientContext context;
  Limit(context);
  v1::WatchRolloutRequest request;
  request.set_rollout_id("r1");
  const auto watch = stub->WatchRollout(&context, request);
  v1::WatchRolloutResponse seen;
  ASSERT_TRUE(watch->Read(&seen));
  Must(site_.Run({"operator", "revoke", "olga", "--comment", "left", "--yes"}));
  EXPECT_FALSE(watch->Read(&seen));
  EXPECT_EQ(watch->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(As("olga", {"device", "list"}).exit_code, 4);
  EXPECT_EQ(Get("olga", "/api/v1/overview").status, 401);
  EXPECT_EQ(site_.Fleetctl({"operator", "revoke", "admin", "--yes"}).exit_code, 5)
      << "the last admin stays";
}

// Changes the stored log as somebody with the disk can.
void Tamper(const fs::path& file, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
  sqlite3_busy_timeout(database, 10000);
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(database);
  sqlite3_close(database);
}

TEST_F(Access, LeavesAnAuditLogThatShowsEveryTampering) {
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(site_.CreateToken({}).ok());
  }
  const CommandResult sound = site_.Fleetctl({"audit", "verify"});
  EXPECT_EQ(sound.exit_code, 0) << sound.err;
  const std::size_t at = sound.out.find("head ");
  ASSERT_NE(at, std::string::npos) << sound.out;
  const std::string head = sound.out.substr(at + 5, sound.out.find('\n', at) - at - 5);
  EXPECT_EQ(site_.Fleetctl({"audit", "verify", "--expect-head", head}).exit_code, 0);
  EXPECT_EQ(site_.Fleetctl({"audit", "verify", "--from", "3"}).exit_code, 0);

  // Another person did it.
  Tamper(site_.state_dir() / "fleet.db",
         "UPDATE audit SET body = CAST(replace(body, CAST('operator:admin' AS BLOB), "
         "CAST('operator:olaf!' AS BLOB)) AS BLOB) WHERE seq = 3");
  const CommandResult edited = site_.Fleetctl({"audit", "verify"});
  EXPECT_EQ(edited.exit_code, 1) << edited.out;
  EXPECT_NE(edited.err.find("broken at seq 3"), std::string::npos) << edited.err;
  AddPerson("vera", "viewer");
  const std::string verdict = Get("vera", "/api/v1/audit/verification").body;
  EXPECT_NE(verdict.find(R"("sound":false)"), std::string::npos) << verdict;
  EXPECT_NE(verdict.find("broken at seq 3"), std::string::npos) << verdict;
}

TEST_F(Access, TellsWhenTheLogWasCutOffSinceItWasNoted) {
  ASSERT_TRUE(site_.CreateToken({}).ok());
  ASSERT_TRUE(site_.CreateToken({}).ok());
  ASSERT_EQ(site_.Fleetctl({"audit", "verify"}).exit_code, 0);
  site_.KillController();
  Tamper(site_.state_dir() / "fleet.db",
         "DELETE FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)");
  Must(site_.StartController());
  const CommandResult cut = site_.Fleetctl({"audit", "verify"});
  EXPECT_EQ(cut.exit_code, 1) << cut.out;
  EXPECT_NE(cut.err.find("entries were cut off"), std::string::npos) << cut.err;
}

TEST_F(Access, ToldWhatWillLapse) {
  AddPerson("vera", "viewer");
  const CommandResult soon = As("vera", {"expiry", "--within", "all"});
  EXPECT_EQ(soon.exit_code, 0) << soon.out << soon.err;
  for (const char* what :
       {"ROLE", "root", "timestamp", "CA", "SERVER_CERTIFICATE", "OPERATOR_CERTIFICATE", "vera"}) {
    EXPECT_NE(soon.out.find(what), std::string::npos) << what << "\n" << soon.out;
  }
  Must(site_.Run({"operator", "request", "--key", File("s.key"), "--out", File("s.csr")}));
  Must(site_.Run({"operator", "add", "short", "--role", "viewer", "--csr", File("s.csr"), "--out",
                  File("s.crt"), "--valid-for", "48h"}));
  const CommandResult urgent = As("vera", {"expiry"});
  EXPECT_EQ(urgent.exit_code, 32) << urgent.out;
  EXPECT_NE(urgent.out.find("operator add short --renew"), std::string::npos) << urgent.out;
  const auto parsed = site_.Fleetctl({"expiry", "-o", "json"});
  EXPECT_EQ(parsed.exit_code, 32);
  EXPECT_NE(parsed.out.find("\"short\""), std::string::npos) << parsed.out;
}

TEST_F(Access, LetsASecondOperatorApproveWhatTheFirstCreated) {
  AddPerson("otto", "operator");
  Must(site_.Run({"key", "new", "--out", File("approver.pem")}));
  Must(site_.Push("1.0.0", kModelV1, 40));
  ASSERT_EQ(As("otto",
               {"rollout", "create", "r1", "--line", kLine, "--version", "1.0.0", "--allow-empty"})
                .exit_code,
            0);
  const Command approve = {"rollout", "approve", "r1", "--key", File("approver.pem"), "--yes"};
  const CommandResult own = As("otto", approve);
  EXPECT_EQ(own.exit_code, 4) << own.err;
  const CommandResult other = site_.Fleetctl(approve);
  EXPECT_EQ(other.exit_code, 0) << other.err;
  EXPECT_NE(other.err.find("flotilla-approval-v1"), std::string::npos) << other.err;
  const auto rollout = site_.Json({"rollout", "get", "r1"});
  ASSERT_TRUE(rollout.ok()) << rollout.status();
}

}  // namespace
}  // namespace flotilla::e2e
