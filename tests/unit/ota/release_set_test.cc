// A release of several files: model, adapter, chat template, golden prompts.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "flotilla/v1/failure_reason.pb.h"

#include "base/os_durable_fs.h"
#include "ota/active_file.h"
#include "tests/support/lora_gguf.h"
#include "tests/support/tiny_gguf.h"
#include "tests/unit/ota/device_rig.h"

namespace flotilla::ota {
namespace {

class ReleaseSet : public testing::Test {
 protected:
  ReleaseSet()
      : device_(world_, dir_.path(), fs_),
        base_(world_.ReleaseSet("1.0.0", 1, std::nullopt, 1.0F)),
        model_(world_.repository.last_document().variants.front().model()) {
    EXPECT_TRUE(device_.Start().ok());
  }

  // 1.1.0: another adapter and another template on the model of 1.0.0.
  v1::ReleaseRef Adapted() { return world_.ReleaseSet("1.1.0", 2, model_, 2.0F); }
  // A release on the model of 1.0.0 whose document or files a test has changed.
  v1::ReleaseRef Changed(const std::function<void(ReleaseSpec&)>& change) {
    ReleaseSpec spec;
    spec.version = "1.1.0";
    spec.counter = 2;
    spec.base = model_;
    change(spec);
    v1::ReleaseRef ref = world_.repository.Add(spec);
    world_.repository.Publish(world_.clock.Now());
    return ref;
  }
  std::uint64_t LengthOf(const char* kind) {
    for (const VariantFile& file : world_.repository.last_document().variants.front().files) {
      if (file.kind == kind) {
        return file.target.length + file.map.length;
      }
    }
    return 0;
  }

  TempDir dir_;
  OsDurableFs fs_;
  World world_;
  DeviceRig device_;
  v1::ReleaseRef base_;
  VariantFile model_;
};

TEST_F(ReleaseSet, InstallsEveryFileAndNamesThemInTheRecord) {
  ASSERT_EQ(OkStatus(), device_.Update(base_));
  const v1::InstalledRelease current = device_.slots().active().current();
  ASSERT_EQ(2, current.files_size());
  EXPECT_EQ("adapter", current.files(0).kind());
  EXPECT_EQ("fr", current.files(0).name());
  EXPECT_EQ(1500U, current.files(0).scale_milli());
  EXPECT_EQ("chat_template", current.files(1).kind());
  EXPECT_TRUE(IsRunnable(device_.store(), current));
  const auto text =
      device_.store().Read(DigestOf(current.files(1).sha256()), BlobKind::kChatTemplate, 1000);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ("template of 1.0.0", ToText(*text));
}

TEST_F(ReleaseSet, FetchesOnlyTheNewAdapterWhenTheDeviceHasTheModel) {
  ASSERT_EQ(OkStatus(), device_.Update(base_));
  const v1::ReleaseRef adapted = Adapted();
  const std::uint64_t before = world_.blobs.bytes_served();
  ASSERT_EQ(OkStatus(), device_.Update(adapted));
  const std::uint64_t served = world_.blobs.bytes_served() - before;
  const std::uint64_t document =
      world_.blobs
          .Find(ReleaseRepository::UrlPath({adapted.target_path(), DigestOf(adapted.sha256()), 0}))
          ->size();
  EXPECT_EQ(LengthOf("adapter") + LengthOf("chat_template") + document, served);
  EXPECT_LT(served, model_.target.length);
  EXPECT_TRUE(IsRunnable(device_.store(), device_.slots().active().current()));
}

TEST_F(ReleaseSet, FetchesTheModelTooWhenTheDeviceDoesNotHaveIt) {
  const v1::ReleaseRef adapted = Adapted();
  ASSERT_EQ(OkStatus(), device_.Update(adapted));
  EXPECT_TRUE(IsRunnable(device_.store(), device_.slots().active().current()));
  EXPECT_GT(device_.trace().bytes_fetched, model_.target.length);
}

TEST_F(ReleaseSet, GoesBackToTheFilesOfTheReleaseBefore) {
  ASSERT_EQ(OkStatus(), device_.Update(base_));
  ASSERT_EQ(OkStatus(), device_.Update(Adapted()));
  const v1::ActiveRecord active = device_.slots().active();
  EXPECT_EQ(active.current().model_sha256(), active.previous().model_sha256());
  EXPECT_NE(active.current().files(0).sha256(), active.previous().files(0).sha256());
  ASSERT_EQ(OkStatus(),
            device_.slots().RollBack(v1::FAILURE_REASON_INSTALL_CRASH_LOOP, MarkMode::kMarkBad));
  EXPECT_EQ("1.0.0", device_.current());
  ASSERT_EQ(OkStatus(), device_.runner().CollectGarbage());
  EXPECT_TRUE(IsRunnable(device_.store(), device_.slots().active().current()));
}

TEST_F(ReleaseSet, KeepsAModelThatAnyReleaseRefersToAndDropsTheRest) {
  ASSERT_EQ(OkStatus(), device_.Update(base_));
  const std::string first = device_.slots().active().current().files(0).sha256();
  ASSERT_EQ(OkStatus(), device_.Update(Adapted()));
  ASSERT_EQ(OkStatus(), device_.Update(world_.ReleaseSet("1.2.0", 3, model_, 3.0F)));
  EXPECT_TRUE(device_.store().Contains(model_.target.sha256));
  EXPECT_FALSE(device_.store().Contains(DigestOf(first)));
}

TEST_F(ReleaseSet, RunsNothingOfASetThatIsNotWhole) {
  ASSERT_EQ(OkStatus(), device_.Update(base_));
  ASSERT_EQ(OkStatus(), device_.Update(Adapted()));
  const v1::InstalledRelease current = device_.slots().active().current();
  std::filesystem::remove_all(device_.store()
                                  .PathOf(DigestOf(current.files(0).sha256()), BlobKind::kAdapter)
                                  .parent_path());
  const auto plan = device_.slots().Recover();
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(RecoveryAction::kRollBack, plan->action);
  EXPECT_EQ("1.0.0", device_.current());
}

TEST_F(ReleaseSet, RefusesAnAdapterThatDoesNotFitAndKeepsTheRunningRelease) {
  ASSERT_EQ(OkStatus(), device_.Update(base_));
  const v1::ReleaseRef wrong = Changed([](ReleaseSpec& spec) {
    test::LoraShape lora;
    lora.tensors = test::LoraPair("t0", 16, 32, 2);
    spec.adapters = {{"fr", MakeLoraGguf(lora)}};
  });
  const Status status = device_.Update(wrong);
  EXPECT_EQ(v1::FAILURE_REASON_INSTALL_GGUF_INVALID, ReasonNumber(status)) << status;
  EXPECT_EQ("1.0.0", device_.current());
  EXPECT_FALSE(device_.slots().open_transaction().has_value());
  EXPECT_TRUE(device_.slots().FindBad(DigestOf(wrong.sha256())).has_value());
  EXPECT_TRUE(IsRunnable(device_.store(), device_.slots().active().current()));
}

TEST_F(ReleaseSet, ChecksAnAdapterItHasAgainAgainstANewModel) {
  ASSERT_EQ(OkStatus(), device_.Update(base_));
  const VariantFile adapter = world_.repository.last_document().variants.front().files[1];
  const v1::ReleaseRef wrong = Changed([&](ReleaseSpec& spec) {
    spec.base.reset();
    spec.model = MakeTinyGguf({.seed = 9});  // vectors: nothing to adapt
    spec.edit = [&](ReleaseDocument& document) {
      document.variants.front().files.push_back(adapter);
    };
  });
  EXPECT_EQ(v1::FAILURE_REASON_INSTALL_GGUF_INVALID, ReasonNumber(device_.Update(wrong)));
}

TEST_F(ReleaseSet, RefusesAByteFlippedInTheAdapterOrTheTemplate) {
  ASSERT_EQ(OkStatus(), device_.Update(base_));
  const v1::ReleaseRef adapted = Adapted();
  const ReleaseVariant variant = world_.repository.last_document().variants.front();
  Bytes& text = *world_.blobs.Find(ReleaseRepository::UrlPath(variant.files[2].target));
  text.back() ^= 1U;
  EXPECT_EQ(v1::FAILURE_REASON_TRUST_HASH_MISMATCH, ReasonNumber(device_.Update(adapted)));
  text.back() ^= 1U;
  Bytes& adapter = *world_.blobs.Find(ReleaseRepository::UrlPath(variant.files[1].target));
  adapter.back() ^= 1U;
  EXPECT_EQ(v1::FAILURE_REASON_INSTALL_CHUNK_MISMATCH, ReasonNumber(device_.Update(adapted)));
  adapter.back() ^= 1U;
  EXPECT_EQ(OkStatus(), device_.Update(adapted));
}

TEST_F(ReleaseSet, NeedsDiskForTheMissingFilesOnly) {
  ASSERT_EQ(OkStatus(), device_.Update(base_));
  const v1::ReleaseRef adapted = Adapted();
  const std::uint64_t missing = LengthOf("adapter") + LengthOf("chat_template");
  device_.options().reserve_bytes = 0;
  device_.options().reserve_percent = 0;
  std::uint64_t free_bytes = missing - 1;
  device_.options().disk_space = [&](const std::filesystem::path&) {
    return DiskSpace{std::uint64_t{1} << 30, free_bytes};
  };
  ASSERT_EQ(OkStatus(), device_.Start());
  EXPECT_EQ(v1::FAILURE_REASON_STORAGE_NO_SPACE, ReasonNumber(device_.Update(adapted)));
  free_bytes = missing;
  EXPECT_EQ(OkStatus(), device_.Update(adapted));
}

TEST_F(ReleaseSet, RefusesToLeaveOutAFileThatItDoesNotUnderstand) {
  ASSERT_EQ(OkStatus(), device_.Update(base_));
  const auto with_projector = [this](bool optional) {
    return Changed([&](ReleaseSpec& spec) {
      spec.version = optional ? "1.1.1" : "1.1.0";
      spec.counter = optional ? 3 : 2;
      spec.edit = [optional](ReleaseDocument& document) {
        ReleaseVariant& variant = document.variants.front();
        VariantFile later;
        later.kind = "projector";
        later.target = {"models-pump/projector", Digest(), 10};
        later.target.sha256 = document.variants.front().model().map.sha256;
        later.optional = optional;
        variant.files.push_back(later);
      };
    });
  };
  EXPECT_EQ(v1::FAILURE_REASON_POLICY_MIN_AGENT,
            ReasonNumber(device_.Update(with_projector(false))));
  EXPECT_EQ(OkStatus(), device_.Update(with_projector(true)));
}

TEST_F(ReleaseSet, ResumesEachFileWhereItWas) {
  const v1::ReleaseRef adapted = Adapted();
  const ReleaseVariant variant = world_.repository.last_document().variants.front();
  Bytes& adapter = *world_.blobs.Find(ReleaseRepository::UrlPath(variant.files[1].target));
  adapter.back() ^= 1U;
  ASSERT_FALSE(device_.Update(adapted).ok());
  adapter.back() ^= 1U;
  const std::uint64_t before = world_.blobs.bytes_served();
  ASSERT_EQ(OkStatus(), device_.Update(adapted));
  EXPECT_LT(world_.blobs.bytes_served() - before, model_.target.length / 2);
}

}  // namespace
}  // namespace flotilla::ota
