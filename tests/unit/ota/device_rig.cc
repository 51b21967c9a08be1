#include "tests/unit/ota/device_rig.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "ota/active_file.h"
#include "security/sha256.h"
#include "tests/support/lora_gguf.h"
#include "tests/support/tiny_gguf.h"

namespace flotilla::ota {

ModelLine TestLine() {
  return ModelLine::Parse("pump").value();
}

StatusOr<v1::GoldenScore> FakeSelfTester::Test(const v1::InstalledRelease& candidate,
                                               const std::optional<v1::InstalledRelease>& running,
                                               const std::stop_token& /*stop*/) {
  tested_.push_back(candidate);
  FLOTILLA_RETURN_IF_ERROR(failure_);
  v1::GoldenScore score = score_;
  if (!running.has_value()) {
    score.clear_running_correct();
  }
  return score;
}

void FakeSelfTester::Answer(std::uint32_t correct, std::uint32_t running_correct,
                            std::uint32_t total) {
  failure_ = OkStatus();
  score_.set_correct(correct);
  score_.set_running_correct(running_correct);
  score_.set_total(total);
}

World::World() : random(7), repository(TestLine(), clock.Now(), blobs) {
  tester.Answer(95, 95, 100);
}

v1::ReleaseRef World::Release(const std::string& version, std::uint64_t counter,
                              std::uint32_t seed) {
  ReleaseSpec spec;
  spec.version = version;
  spec.counter = counter;
  TinyGgufShape shape;
  shape.seed = seed;
  spec.model = MakeTinyGguf(shape);
  spec.golden = ToBytes("{\"prompt\":\"" + version + "\",\"expected\":\"x\",\"label\":\"l\"}\n");
  v1::ReleaseRef ref = repository.Add(spec);
  repository.Publish(clock.Now());
  return ref;
}

v1::ReleaseRef World::ReleaseSet(const std::string& version, std::uint64_t counter,
                                 const std::optional<VariantFile>& base, float strength) {
  constexpr std::uint64_t kInputs = 32;
  ReleaseSpec spec;
  spec.version = version;
  spec.counter = counter;
  TinyGgufShape shape;
  shape.inputs = kInputs;
  spec.model = MakeTinyGguf(shape);
  spec.base = base;
  test::LoraShape lora;
  lora.tensors = test::LoraPair("t0", kInputs, shape.weights / kInputs, 2);
  lora.strength = strength;
  spec.adapters = {{"fr", test::MakeLoraGguf(lora)}};
  spec.chat_template = ToBytes("template of " + version);
  spec.golden = ToBytes("{\"prompt\":\"p\",\"expected\":\"x\",\"label\":\"l\"}\n");
  v1::ReleaseRef ref = repository.Add(spec);
  repository.Publish(clock.Now());
  return ref;
}

DeviceRig::DeviceRig(World& world, std::filesystem::path state_dir, DurableFs& fs)
    : world_(world), fs_(fs) {
  options_.state_dir = std::move(state_dir);
  options_.facts.set_arch("x86_64");
  options_.facts.set_memory_bytes(std::uint64_t{1} << 30);
  options_.agent_version = "0.1.0";
  options_.engine_version = "0.5.0";
  options_.disk_space = [](const std::filesystem::path&) {
    return DiskSpace{std::uint64_t{100} << 30, std::uint64_t{50} << 30};
  };
}

Status DeviceRig::Start() {
  runner_.reset();
  tuf_.reset();  // it holds the lock of its folder
  FLOTILLA_ASSIGN_OR_RETURN(store_, Store::Open(options_.state_dir, fs_));
  FLOTILLA_ASSIGN_OR_RETURN(
      slots_, LineSlots::Open(options_.state_dir, TestLine(), *store_, fs_, world_.clock));
  FLOTILLA_ASSIGN_OR_RETURN(plan_, slots_->Recover());
  tuf::TufClientOptions tuf_options;
  tuf_options.state_dir = options_.state_dir / "tuf";
  FLOTILLA_ASSIGN_OR_RETURN(
      tuf_,
      tuf::TufClient::Open(tuf_options, world_.repository.factory_root(), fs_, world_.repository));
  runner_ = std::make_unique<UpdateRunner>(options_, *tuf_, world_.blobs, *store_, world_.tester,
                                           fs_, world_.clock, world_.random);
  return OkStatus();
}

StatusOr<PrepareResult> DeviceRig::Prepare(const v1::ReleaseRef& ref, const std::stop_token& stop) {
  v1::Assignment assignment;
  *assignment.mutable_release() = ref;
  assignment.set_rollout_id("r1");
  assignment.set_wave(2);
  return runner_->Prepare(assignment, *slots_, observer_, trace_, stop);
}

Status DeviceRig::Update(const v1::ReleaseRef& ref) {
  if (!slots_->active().trial()) {
    FLOTILLA_ASSIGN_OR_RETURN(const PrepareResult prepared, Prepare(ref));
    if (prepared.outcome == PrepareOutcome::kReady) {
      FLOTILLA_RETURN_IF_ERROR(slots_->Activate(prepared.txn));
    }
  }
  FLOTILLA_RETURN_IF_ERROR(slots_->CountAttempt().status());
  FLOTILLA_RETURN_IF_ERROR(slots_->Confirm());
  return runner_->CollectGarbage();
}

bool IsRunnable(const Store& store, const v1::InstalledRelease& release) {
  const auto is_whole = [&](const std::string& sha256, BlobKind kind) {
    const Digest digest = DigestOf(sha256);
    const StatusOr<Digest> got = security::Sha256File(store.PathOf(digest, kind));
    return store.Contains(digest) && got.ok() && *got == digest;
  };
  for (const v1::InstalledFile& file : release.files()) {
    if (!is_whole(file.sha256(),
                  file.kind() == kAdapterKind ? BlobKind::kAdapter : BlobKind::kChatTemplate)) {
      return false;
    }
  }
  return is_whole(release.model_sha256(), BlobKind::kModel);
}

}  // namespace flotilla::ota
