#include "controller/access/permissions.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/dynamic_message.h"

#include "base/file.h"
#include "base/os_durable_fs.h"
#include "controller/http/dashboard_site.h"
#include "controller/release/blob_repository.h"
#include "flotilla/v1/admin.pb.h"
#include "flotilla/v1/device.pb.h"
#include "flotilla/v1/engine.pb.h"
#include "flotilla/v1/enrolment.pb.h"
#include "flotilla/v1/failure_reason.pb.h"
#include "flotilla/v1/health.pb.h"
#include "flotilla/v1/metrics.pb.h"
#include "flotilla/v1/release.pb.h"
#include "flotilla/v1/revocation_service.pb.h"
#include "flotilla/v1/rollout.pb.h"
#include "flotilla/v1/session.pb.h"
#include "flotilla/v1/update.pb.h"
#include "tests/support/fake_executor.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::MethodDescriptor;
using security::OperatorRole;
using security::PeerIdentity;
using security::PeerKind;

// Files of messages alone are linked only when something names them.
[[maybe_unused]] const auto* const kLinked = v1::EngineCommand::descriptor();
[[maybe_unused]] const auto* const kHealthLinked = v1::HealthTask::descriptor();
[[maybe_unused]] const auto* const kMetricsLinked = v1::UploadRequest::descriptor();
[[maybe_unused]] const auto* const kRevocationLinked = v1::AskRevocationRequest::descriptor();

std::vector<const MethodDescriptor*> AllMethods() {
  std::vector<const MethodDescriptor*> methods;
  for (const std::string& name :
       std::vector<std::string>(absl::StrSplit(FLOTILLA_PROTOCOL_FILES, ','))) {
    const FileDescriptor* const file = DescriptorPool::generated_pool()->FindFileByName(name);
    EXPECT_NE(file, nullptr) << name << " is not linked: name one of its messages above";
    for (int i = 0; file != nullptr && i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        methods.push_back(file->service(i)->method(j));
      }
    }
  }
  return methods;
}

std::string NameOf(const MethodDescriptor& method) {
  return method.service()->name() + "." + method.name();
}

// Routes that nobody calls: only their names are wanted.
class NoFleet final : public http::DashboardSource {
 public:
  void Read(std::function<void(const http::FleetPicture&)> /*reader*/) override {}
  void ExplainDevice(const std::string& /*id*/,
                     std::function<void(StatusOr<v1::ExplainDeviceResponse>)> /*done*/) override {}
  void ListAudit(std::uint64_t /*before_seq*/, std::size_t /*limit*/,
                 std::function<void(StatusOr<std::vector<v1::AuditEntry>>)> /*done*/) override {}
  void CheckAudit(std::function<void(const AuditCheck&)> /*done*/) override {}
  bool Ready() const override { return true; }
};

std::vector<http::Route> AllRoutes() {
  const TempDir folder;
  OsDurableFs fs;
  BlobRepository blobs(folder.path(), fs, 1);
  NoFleet source;
  const http::DashboardTokens tokens(Bytes(32, 1));
  FakeExecutor clock;
  http::ArtifactCounters counters;
  const http::Router pages = http::MakeDashboardRouter({source, tokens, clock, counters}, blobs, 1);
  const http::Router files = http::MakeArtifactRouter(folder.path(), counters);
  std::vector<http::Route> routes = pages.routes();
  routes.insert(routes.end(), files.routes().begin(), files.routes().end());
  return routes;
}

PeerIdentity Operator(OperatorRole role) {
  PeerIdentity peer;
  peer.kind = PeerKind::kOperator;
  peer.name = "alice";
  peer.role = role;
  return peer;
}

PeerIdentity DevicePeer() {
  PeerIdentity peer;
  peer.kind = PeerKind::kDevice;
  peer.name = "pump-01";
  return peer;
}

TEST(Permissions, HaveARowForEveryMethodOfTheProtocol) {
  const auto methods = AllMethods();
  ASSERT_GT(methods.size(), 30U);
  for (const MethodDescriptor* const method : methods) {
    EXPECT_NE(FindPermission(NameOf(*method)), nullptr)
        << NameOf(*method) << ": add its row to controller/access/permissions.cc";
  }
}

TEST(Permissions, AreFoundByTheRequestOfEveryMethod) {
  google::protobuf::DynamicMessageFactory messages;
  std::set<std::string> requests;
  for (const MethodDescriptor* const method : AllMethods()) {
    EXPECT_TRUE(requests.insert(method->input_type()->full_name()).second)
        << NameOf(*method) << ": a method has a request message of its own";
    const std::unique_ptr<google::protobuf::Message> request(
        messages.GetPrototype(method->input_type())->New());
    EXPECT_EQ(MethodOf(*request), NameOf(*method));
  }
  EXPECT_EQ(MethodOf(v1::AuditEntry()), "");
}

TEST(Permissions, HaveARowForEveryRouteOfTheListeners) {
  const auto routes = AllRoutes();
  ASSERT_GT(routes.size(), 20U);
  for (const http::Route& route : routes) {
    const Permission* const row = FindPermission(route.What());
    ASSERT_NE(row, nullptr) << route.What() << ": add its row to controller/access/permissions.cc";
    EXPECT_EQ(route.access == http::Access::kAnyone, row->least == Caller::kAnyone) << route.What();
  }
}

TEST(Permissions, NameNothingThatIsNotThereAndNothingTwice) {
  std::set<std::string, std::less<>> known;
  for (const MethodDescriptor* const method : AllMethods()) {
    known.insert(NameOf(*method));
  }
  for (const http::Route& route : AllRoutes()) {
    known.insert(route.What());
  }
  std::set<std::string, std::less<>> seen;
  for (const Permission& row : Permissions()) {
    EXPECT_TRUE(known.contains(row.what)) << row.what;
    EXPECT_TRUE(seen.insert(std::string(row.what)).second) << row.what;
    EXPECT_NE(row.least, Caller::kUnspecified) << row.what;
    EXPECT_NE(row.effect, Effect::kUnspecified) << row.what;
  }
}

TEST(Permissions, GiveEachRoleWhatTheOneBelowHas) {
  const OperatorRole roles[] = {OperatorRole::kViewer, OperatorRole::kOperator,
                                OperatorRole::kReleaseManager, OperatorRole::kAdmin};
  for (const Permission& row : Permissions()) {
    bool allowed = false;
    for (const OperatorRole role : roles) {
      const PeerIdentity peer = Operator(role);
      const bool now = CheckPermission(row.what, &peer).ok();
      EXPECT_TRUE(now || !allowed) << row.what;
      allowed = now;
    }
    EXPECT_EQ(allowed, row.least != Caller::kDevice) << row.what;
  }
}

TEST(Permissions, LetAViewerChangeNothingButHisOwnBrowser) {
  const PeerIdentity viewer = Operator(OperatorRole::kViewer);
  for (const Permission& row : Permissions()) {
    if (row.effect == Effect::kChange && row.least != Caller::kAnyone &&
        row.what != "POST /api/v1/tokens") {
      EXPECT_FALSE(CheckPermission(row.what, &viewer).ok()) << row.what;
    }
  }
}

TEST(Permissions, GiveADeviceWhatIsADevicesAlone) {
  const PeerIdentity device = DevicePeer();
  for (const Permission& row : Permissions()) {
    EXPECT_EQ(CheckPermission(row.what, &device).ok(),
              row.least == Caller::kDevice || row.least == Caller::kAnyone)
        << row.what;
  }
}

TEST(Permissions, GiveNobodyWhatIsNotInTheTable) {
  const PeerIdentity admin = Operator(OperatorRole::kAdmin);
  const Status status = CheckPermission("RolloutService.Explode", &admin);
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_NE(MessageOf(status).find("for nobody"), std::string::npos) << status;
  EXPECT_FALSE(CheckPermission("", &admin).ok());
  const PeerIdentity none = Operator(OperatorRole::kUnspecified);
  EXPECT_FALSE(CheckPermission("RolloutService.ListRollouts", &none).ok());
  EXPECT_FALSE(CheckPermission("RolloutService.ListRollouts", nullptr).ok());
}

TEST(Permissions, AreWhatTheDocumentSays) {
  const auto page = ReadFile(FLOTILLA_SOURCE_DIR "/docs/access.md", 1U << 20U);
  ASSERT_TRUE(page.ok()) << page.status();
  const std::string text = ToText(*page);
  std::size_t rows = 0;
  for (std::size_t at = 0; (at = text.find("\n| `", at)) != std::string::npos; ++at) {
    ++rows;
  }
  const std::map<Caller, std::string> names = {
      {Caller::kAnyone, "anyone"}, {Caller::kDevice, "device"},
      {Caller::kViewer, "viewer"}, {Caller::kOperator, "operator"},
      {Caller::kAdmin, "admin"},   {Caller::kReleaseManager, "release-manager"}};
  for (const Permission& row : Permissions()) {
    const std::string line = "| `" + std::string(row.what) + "` | " + names.at(row.least) + " | " +
                             (row.effect == Effect::kChange ? "yes" : "no") + " |";
    EXPECT_NE(text.find(line), std::string::npos) << "docs/access.md lacks: " << line;
  }
  // And not more: its rows, less those of the four roles.
  EXPECT_EQ(rows, Permissions().size() + 4);
}

TEST(Permissions, SayWhoMayWhenTheyRefuse) {
  const PeerIdentity viewer = Operator(OperatorRole::kViewer);
  const Status status = CheckPermission("ReleaseService.PublishMetadata", &viewer);
  EXPECT_EQ(status.code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(ReasonNumber(status), v1::FAILURE_REASON_CONTROL_NOT_ALLOWED);
  EXPECT_EQ(MessageOf(status),
            "ReleaseService.PublishMetadata is for release-manager and admin; you are operator "
            "alice, role viewer");
}

}  // namespace
}  // namespace flotilla::controller
