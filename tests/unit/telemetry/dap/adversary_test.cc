// Devices, and leaders, that do not keep to the protocol: each report of theirs is refused, and the
// honest sum is exact.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "telemetry/dap/aggregation_messages.h"
#include "telemetry/dap/device_signature.h"
#include "telemetry/dap/input_share.h"
#include "telemetry/vdaf/histogram_circuit.h"
#include "telemetry/vdaf/prio3_protocol.h"
#include "tests/unit/telemetry/dap/dap_world.h"

namespace flotilla::dap {
namespace {

using vdaf::Field128;

// The circuit of a device that follows the protocol in all but the vector that it proves.
class LyingCircuit : public vdaf::HistogramCircuit {
 public:
  LyingCircuit(const vdaf::HistogramShape& shape, std::uint32_t shares,
               std::vector<Field128> vector)
      : HistogramCircuit(shape, shares), vector_(std::move(vector)) {}
  StatusOr<std::vector<Field128>> Encode(std::uint32_t /*bucket*/) const { return vector_; }

 private:
  std::vector<Field128> vector_;
};

class Adversary : public ::testing::Test {
 protected:
  static constexpr std::size_t kHonest = 10;
  static constexpr std::size_t kLiar = 10;  // the device after them

  vdaf::ShardedMeasurement Lie(const std::vector<std::uint64_t>& votes) {
    const vdaf::HistogramShape shape = world_.task.configuration().shape;
    std::vector<Field128> vector;
    vector.reserve(votes.size());
    for (const std::uint64_t vote : votes) vector.push_back(Field128::FromUint(vote));
    const vdaf::Prio3Protocol<LyingCircuit> liar(LyingCircuit(shape, 1, vector),
                                                 LyingCircuit(shape, 2, vector), 2);
    return *vdaf::Shard(liar, world_.task.context(), 0, metadata_.id, world_.random);
  }
  vdaf::ShardedMeasurement Truth() {
    return *vdaf::Shard(world_.task.prio3(), world_.task.context(), 1, metadata_.id, world_.random);
  }
  // A job of all honest devices and `bad`.
  void ExpectOnlyTheHonestCount(const std::string& what, const Bytes& bad, ReportError error) {
    std::vector<Bytes> reports;
    for (std::size_t i = 0; i < kHonest; ++i) {
      reports.push_back(world_.ReportOf(i, DapWorld::BucketOf(i)));
    }
    reports.insert(reports.begin() + 3, bad);
    const LeaderVerdict verdict = world_.Aggregate(reports);
    EXPECT_EQ(verdict.accepted, kHonest) << what;
    EXPECT_EQ(ErrorsOf(verdict), std::vector<ReportError>{error}) << what;
    EXPECT_EQ(world_.HonestSum(), (std::vector<std::int64_t>{2, 2, 2, 2, 2})) << what;
    EXPECT_EQ(world_.LeaderBucket().checksum, world_.HelperBucket().checksum) << what;
    EXPECT_EQ(world_.HelperBucket().count, kHonest) << what;
  }

  DapWorld world_{kHonest + 1};
  ReportMetadata metadata_{.id = {4, 2}, .time = world_.window};
};

class Vote : public Adversary, public ::testing::WithParamInterface<std::vector<std::uint64_t>> {};

TEST_P(Vote, OtherThanOneForOneBucketIsRefused) {
  ExpectOnlyTheHonestCount("vote", world_.Sealed(kLiar, metadata_, Lie(GetParam())),
                           ReportError::kVdafVerifyError);
}

INSTANTIATE_TEST_SUITE_P(Votes, Vote,
                         ::testing::Values(std::vector<std::uint64_t>{1, 1, 0, 0, 0},
                                           std::vector<std::uint64_t>{0, 0, 0, 0, 0},
                                           std::vector<std::uint64_t>{2, 0, 0, 0, 0},
                                           std::vector<std::uint64_t>{0, 1000, 0, 0, 0}));

TEST_F(Adversary, TheSameDeviceWithAnHonestVoteWouldCount) {
  EXPECT_EQ(world_.Aggregate({world_.Sealed(kLiar, metadata_, Truth())}).accepted, 1U);
}

TEST_F(Adversary, AnElementOutOfTheFieldIsRefused) {
  vdaf::ShardedMeasurement report = Truth();
  std::fill_n(report.input_shares[0].begin(), 16, std::uint8_t{0xff});
  ExpectOnlyTheHonestCount("element", world_.Sealed(kLiar, metadata_, report),
                           ReportError::kVdafVerifyError);
}

TEST_F(Adversary, BadJointRandomnessIsRefused) {
  vdaf::ShardedMeasurement report = Truth();
  report.public_share[5] ^= 1;
  ExpectOnlyTheHonestCount("joint", world_.Sealed(kLiar, metadata_, report),
                           ReportError::kVdafVerifyError);
}

TEST_F(Adversary, ATruncatedShareOfEitherIsRefused) {
  vdaf::ShardedMeasurement report = Truth();
  report.input_shares[1].pop_back();
  ExpectOnlyTheHonestCount("helper's", world_.Sealed(kLiar, metadata_, report),
                           ReportError::kVdafVerifyError);
}

TEST_F(Adversary, ATruncatedLeaderShareIsRefusedByTheLeader) {
  vdaf::ShardedMeasurement report = Truth();
  report.input_shares[0].pop_back();
  const Bytes bytes = world_.Sealed(kLiar, metadata_, report);
  EXPECT_EQ(world_.leader->Screen(bytes, world_.now).status().code(),
            StatusCode::kInvalidArgument);  // its size
  ExpectOnlyTheHonestCount("leader's", bytes, ReportError::kVdafVerifyError);
}

TEST_F(Adversary, AShareThatIsNotForTheHelperIsRefused) {
  Report report = *Report::Decode(world_.Sealed(kLiar, metadata_, Truth()));
  report.helper_share.payload[0] ^= 1;
  ExpectOnlyTheHonestCount("garbage", report.Encode(), ReportError::kHpkeDecryptError);
}

TEST_F(Adversary, AKeyIdThatTheHelperHasNotIsRefused) {
  Report report = *Report::Decode(world_.Sealed(kLiar, metadata_, Truth()));
  report.helper_share.config_id = 77;
  ExpectOnlyTheHonestCount("key id", report.Encode(), ReportError::kHpkeUnknownConfigId);
}

TEST_F(Adversary, ALeaderThatMakesUpDevicesHasNoSignatureForThem) {
  const vdaf::ShardedMeasurement sharded = Truth();
  Report report;
  report.metadata = metadata_;
  report.public_share = sharded.public_share;
  const Bytes aad =
      InputShareAad(world_.task.id(), world_.task.encoded(), metadata_, report.public_share);
  const PlaintextInputShare to_leader{.private_extensions = {}, .payload = sharded.input_shares[0]};
  report.leader_share =
      *SealInputShare(to_leader, world_.leader_config, Role::kLeader, aad, world_.random);
  const auto forged = *security::GenerateEd25519();
  DeviceSignature extension = *SignReport(*forged, aad, sharded.input_shares[1]);
  const auto offer = [&](const Bytes& extensions) {
    const PlaintextInputShare to_helper{.private_extensions = extensions,
                                        .payload = sharded.input_shares[1]};
    report.helper_share =
        *SealInputShare(to_helper, world_.helper_config, Role::kHelper, aad, world_.random);
    return ErrorsOf(world_.Aggregate({report.Encode()}));
  };
  using Errors = std::vector<ReportError>;
  EXPECT_EQ(offer(extension.Encode()), Errors{ReportError::kReportDropped});  // not registered
  extension.key = KeyIdOf(world_.devices[0]->public_key());
  EXPECT_EQ(offer(extension.Encode()), Errors{ReportError::kInvalidMessage});  // not its signature
  EXPECT_EQ(offer({}), Errors{ReportError::kInvalidMessage});
  Bytes twice = extension.Encode();
  const Bytes once = twice;
  twice.insert(twice.end(), once.begin(), once.end());
  EXPECT_EQ(offer(twice), Errors{ReportError::kInvalidMessage});
  EXPECT_EQ(world_.HelperBucket().count, 0U);
}

TEST_F(Adversary, ALeaderHasOneTryAtAProof) {
  const Bytes bytes = world_.Sealed(kLiar, metadata_, Truth());
  const LeaderJob job = *world_.leader->Start(std::vector<Bytes>{bytes}, world_.now);
  AggregationRequest bent = *AggregationRequest::Decode(job.request);
  bent.inits[0].message.back() ^= 1;
  const auto verdict = [&](const Bytes& request) {
    return AggregationResponse::Decode(*world_.helper->Aggregate(request, world_.now))
        ->responses[0]
        .error;
  };
  EXPECT_EQ(verdict(bent.Encode()), ReportError::kVdafVerifyError);
  EXPECT_EQ(verdict(job.request), ReportError::kReportReplayed);
  EXPECT_EQ(world_.HelperBucket().count, 0U);
}

TEST_F(Adversary, AHelperThatBendsItsAnswerIsFoundByTheLeader) {
  const LeaderJob job =
      *world_.leader->Start(std::vector<Bytes>{world_.ReportOf(0, 0)}, world_.now);
  AggregationResponse answer =
      *AggregationResponse::Decode(*world_.helper->Aggregate(job.request, world_.now));
  answer.responses[0].message.back() ^= 1;
  EXPECT_EQ(ErrorsOf(*world_.leader->Finish(job, answer.Encode())),
            std::vector<ReportError>{ReportError::kVdafVerifyError});
  EXPECT_EQ(world_.LeaderBucket().count, 0U);
}

}  // namespace
}  // namespace flotilla::dap
