// Family test_static_repositories: forms that repositories of other tools have. The repositories
// here are made in those forms; nothing of the originals stands in this tree.
#include <string>
#include <utility>

#include <boost/json/serialize.hpp>

#include "tests/conformance/suite/client_test.h"

namespace flotilla::conformance {
namespace {

namespace json = boost::json;

class StaticRepository : public ClientTest {
 protected:
  // Root of three keepers, 2 of whom sign, with the fields that tuf-on-ci writes.
  void SignAsCeremony() {
    simulator_.RotateKeys("root", 0);
    for (const char* owner : {"@ann", "@bob", "@eve"}) {
      SimulatorKey key = SimulatorKey::Make(SimulatorKeyKind::kEcdsa);
      key.object["x-tuf-on-ci-keyowner"] = owner;
      simulator_.AddKey("root", key);
    }
    simulator_.KeysOf("root")["threshold"] = 2;
    for (const char* role : {"timestamp", "snapshot"}) {
      SimulatorKey online = SimulatorKey::Make(SimulatorKeyKind::kEcdsa);
      online.object["x-tuf-on-ci-online-uri"] = "gcpkms:projects/p/keys/online/versions/1";
      simulator_.RotateKeys(role, 0);
      simulator_.AddKey(role, online);
      simulator_.KeysOf(role)["x-tuf-on-ci-expiry-period"] = 7300;
      simulator_.KeysOf(role)["x-tuf-on-ci-signing-period"] = 60;
    }
    simulator_.Role("root")["x-tuf-on-ci-expiry-period"] = 7300;
  }
  // Who did not sign stands there with an empty signature, as in Sigstore's files.
  void EmptySignature(const std::string& name, std::size_t index) {
    auto file = json::parse(simulator_.metadata().at(name));
    file.at("signatures").at(index).as_object()["sig"] = "";
    simulator_.metadata().at(name) = json::serialize(file);
  }
  // The new root is the one a client starts from, as a repository that is years old has it.
  int InitFrom(const std::string& name) { return InitWith(simulator_.metadata().at(name)); }
};

TEST_F(StaticRepository, InTheFormOfSigstore) {
  for (const char* role : {"root", "timestamp", "snapshot", "targets"}) {
    simulator_.Role(role)["spec_version"] = "1.0";
  }
  SignAsCeremony();
  // An older key type with the same meaning, and one that only another kind of client can use.
  SimulatorKey legacy = SimulatorKey::Make(SimulatorKeyKind::kEcdsa);
  legacy.object["keytype"] = "ecdsa-sha2-nistp256";
  simulator_.AddKey("targets", legacy);
  simulator_.KeysOf("targets")["threshold"] = 2;
  SimulatorKey keyless = SimulatorKey::Make(SimulatorKeyKind::kEcdsa);
  keyless.object["keytype"] = "sigstore-oidc";
  keyless.object["scheme"] = "Fulcio";
  keyless.object["keyval"] = {{"identity", "ann@example.com"}, {"issuer", "https://example.com"}};
  simulator_.ListKey("root", keyless);
  simulator_.Role("root")["version"] = 12;
  simulator_.PublishAsIs("root");
  EmptySignature("12.root.json", 2);
  simulator_.Delegate("targets", "registry.npmjs.org", {"registry.npmjs.org/*"}, true);
  simulator_.AddTarget("registry.npmjs.org", "registry.npmjs.org/keys.json", "{}");
  simulator_.AddTarget("targets", "trusted_root.json", "{\"mediaType\": \"x\"}");
  simulator_.TargetOf("targets", "trusted_root.json")["custom"] = {
      {"sigstore", {{"status", "Active"}, {"usage", "unknown"}}}};
  simulator_.Publish({"registry.npmjs.org", "targets", "snapshot", "timestamp"});
  ASSERT_EQ(0, InitFrom("12.root.json")) << last_error_;
  EXPECT_EQ(0, Refresh()) << last_error_;
  EXPECT_EQ(0, Download({"trusted_root.json", "registry.npmjs.org/keys.json"})) << last_error_;
  EXPECT_EQ(2U, Artifacts().size());
}

TEST_F(StaticRepository, InTheFormOfTufOnCi) {
  SignAsCeremony();
  simulator_.Publish({"root"});
  EmptySignature("2.root.json", 0);
  simulator_.Delegate("targets", "delegatedrole", {"delegatedrole/*"}, true);
  auto& delegation = simulator_.Role("targets").at("delegations").at("roles").at(0).as_object();
  delegation["x-tuf-on-ci-expiry-period"] = 365;
  simulator_.AddTarget("delegatedrole", "delegatedrole/artifact", "artifact\n");
  simulator_.Publish({"delegatedrole", "targets", "snapshot", "timestamp"});
  ASSERT_EQ(0, InitFrom("2.root.json")) << last_error_;
  EXPECT_EQ(0, Refresh()) << last_error_;
  EXPECT_EQ(0, Download({"delegatedrole/artifact"})) << last_error_;
}

TEST_F(StaticRepository, OneEmptySignatureTooManyIsNoThreshold) {
  SignAsCeremony();
  simulator_.Publish({"root"});
  EmptySignature("2.root.json", 0);
  EmptySignature("2.root.json", 1);
  EXPECT_EQ(1, InitFrom("2.root.json"));
}

}  // namespace
}  // namespace flotilla::conformance
