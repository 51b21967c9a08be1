#include "tests/swarm/report_secrets.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "telemetry/dap/domain.h"
#include "telemetry/vdaf/field128.h"
#include "telemetry/vdaf/field_vector.h"
#include "telemetry/vdaf/prio3.h"

namespace flotilla::swarm {
namespace {

using vdaf::Field128;

constexpr std::size_t kSeedBytes = 32;

Bytes Copy(ByteView bytes) {
  return Bytes(bytes.begin(), bytes.end());
}

}  // namespace

// A report's randomness: its id first, then that of its shares (telemetry/dap/report_builder.cc).
StatusOr<ReportSecrets> SecretsOf(const dap::Task& task, std::uint32_t bucket, ByteView drawn) {
  const std::size_t buckets = task.configuration().shape.buckets;
  const std::size_t of_shares = task.prio3().sizes().randomness;
  dap::ReportId id{};
  if (drawn.size() < id.size() + of_shares || bucket >= buckets) {
    return InvalidArgument("not the randomness of a report");
  }
  std::copy_n(drawn.begin(), id.size(), id.begin());
  FLOTILLA_ASSIGN_OR_RETURN(
      const vdaf::ShardedMeasurement sharded,
      task.prio3().Shard(task.context(), bucket, id, drawn.subspan(id.size(), of_shares)));
  const ByteView leader = sharded.input_shares.at(0);
  const ByteView helper = sharded.input_shares.at(1);
  const std::size_t vector_bytes = buckets * Field128::kEncodedSize;
  if (leader.size() < vector_bytes + kSeedBytes || helper.size() != 2 * kSeedBytes) {
    return InvalidArgument("input shares of another form");
  }
  std::vector<Field128> vote(buckets, Field128::FromUint(0));
  vote[bucket] = Field128::FromUint(1);
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<Field128> leader_vector,
                            vdaf::DecodeVector<Field128>(leader.first(vector_bytes), buckets));
  std::vector<Field128> helper_vector = vote;
  vdaf::SubtractFrom<Field128>(helper_vector, leader_vector);
  return ReportSecrets{.report_id = Bytes(id.begin(), id.end()),
                       .one_hot = vdaf::EncodeVector<Field128>(vote),
                       .leader_measurement = Copy(leader.first(vector_bytes)),
                       .helper_measurement = vdaf::EncodeVector<Field128>(helper_vector),
                       .leader_blind = Copy(leader.last(kSeedBytes)),
                       .helper_seed = Copy(helper.first(kSeedBytes)),
                       .helper_blind = Copy(helper.last(kSeedBytes))};
}

std::string SecretsLine(std::string_view device, std::uint32_t bucket,
                        const ReportSecrets& secrets) {
  boost::json::object line;
  line["device"] = std::string(device);
  line["bucket"] = bucket;
  line["report_id"] = HexEncode(secrets.report_id);
  line["one_hot"] = HexEncode(secrets.one_hot);
  line["leader_measurement"] = HexEncode(secrets.leader_measurement);
  line["helper_measurement"] = HexEncode(secrets.helper_measurement);
  line["leader_blind"] = HexEncode(secrets.leader_blind);
  line["helper_seed"] = HexEncode(secrets.helper_seed);
  line["helper_blind"] = HexEncode(secrets.helper_blind);
  return boost::json::serialize(line);
}

}  // namespace flotilla::swarm
