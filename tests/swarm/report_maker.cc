#include "tests/swarm/report_maker.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "telemetry/dap/device_signature.h"
#include "telemetry/dap/input_share.h"
#include "telemetry/dap/report.h"
#include "telemetry/dap/report_builder.h"
#include "telemetry/vdaf/histogram_circuit.h"
#include "telemetry/vdaf/prio3_protocol.h"

namespace flotilla::swarm {
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

StatusOr<vdaf::ShardedMeasurement> ShardVotes(const dap::Task& task,
                                              const std::vector<std::uint64_t>& votes,
                                              const dap::ReportId& id, Random& random) {
  const vdaf::HistogramShape shape = task.configuration().shape;
  std::vector<Field128> vector;
  vector.reserve(votes.size());
  for (const std::uint64_t vote : votes) {
    vector.push_back(Field128::FromUint(vote));
  }
  const vdaf::Prio3Protocol<LyingCircuit> liar(LyingCircuit(shape, 1, vector),
                                               LyingCircuit(shape, 2, vector), 2);
  return vdaf::Shard(liar, task.context(), 0, id, random);
}

StatusOr<vdaf::ShardedMeasurement> ShardLie(const dap::Task& task, std::uint32_t bucket, Lie lie,
                                            const dap::ReportId& id, Random& random) {
  std::vector<std::uint64_t> votes(task.configuration().shape.buckets, 0);
  votes[bucket] = lie == Lie::kHeavyVote ? 1'000 : 1;
  if (lie == Lie::kDoubleVote) {
    votes[(bucket + 1) % votes.size()] = 1;
  }
  FLOTILLA_ASSIGN_OR_RETURN(vdaf::ShardedMeasurement sharded, ShardVotes(task, votes, id, random));
  if (lie == Lie::kOutOfField) {
    std::fill_n(sharded.input_shares[0].begin(), 16, std::uint8_t{0xff});
  } else if (lie == Lie::kBadJointRandom) {
    sharded.public_share[5] ^= 1;
  }
  return sharded;
}

}  // namespace

std::string_view NameOf(Lie lie) {
  switch (lie) {
    case Lie::kNone:
      return "none";
    case Lie::kOutOfField:
      return "out_of_field";
    case Lie::kDoubleVote:
      return "double_vote";
    case Lie::kHeavyVote:
      return "heavy_vote";
    case Lie::kBadJointRandom:
      return "bad_joint_randomness";
    default:
      return "truncated";
  }
}

StatusOr<Bytes> MakeReport(const dap::Task& task, const ReportKeys& keys, dap::WindowStart window,
                           std::uint32_t bucket, Lie lie, Random& random) {
  if (lie == Lie::kNone || lie == Lie::kTruncated) {
    FLOTILLA_ASSIGN_OR_RETURN(
        const dap::ReportBuilder builder,
        dap::ReportBuilder::Create(task, keys.leader, keys.helper, *keys.reporting, random));
    FLOTILLA_ASSIGN_OR_RETURN(Bytes bytes, builder.Build(window, bucket));
    bytes.resize(bytes.size() - (lie == Lie::kTruncated ? 1 : 0));
    return bytes;
  }
  dap::Report report;
  report.metadata.time = window;
  random.Fill(report.metadata.id);
  FLOTILLA_ASSIGN_OR_RETURN(vdaf::ShardedMeasurement sharded,
                            ShardLie(task, bucket, lie, report.metadata.id, random));
  report.public_share = std::move(sharded.public_share);
  const Bytes aad =
      dap::InputShareAad(task.id(), task.encoded(), report.metadata, report.public_share);
  const dap::PlaintextInputShare leader{{}, std::move(sharded.input_shares[0])};
  dap::PlaintextInputShare helper{{}, std::move(sharded.input_shares[1])};
  FLOTILLA_ASSIGN_OR_RETURN(const dap::DeviceSignature extension,
                            dap::SignReport(*keys.reporting, aad, helper.payload));
  helper.private_extensions = extension.Encode();
  FLOTILLA_ASSIGN_OR_RETURN(
      report.leader_share,
      dap::SealInputShare(leader, keys.leader, dap::Role::kLeader, aad, random));
  FLOTILLA_ASSIGN_OR_RETURN(
      report.helper_share,
      dap::SealInputShare(helper, keys.helper, dap::Role::kHelper, aad, random));
  return report.Encode();
}

}  // namespace flotilla::swarm
