#include "telemetry/dap/task_configuration.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "telemetry/dap/task_extensions.h"
#include "telemetry/dap/tls.h"
#include "telemetry/vdaf/histogram_circuit.h"

namespace flotilla::dap {
namespace {

constexpr std::uint8_t kTimeInterval = 1;  // BatchMode, section 5
constexpr std::size_t kMaxEndpoint = 1024;
constexpr std::uint64_t kLastSecond = 253'402'300'799;  // of the year 9999

Status Refuse(const std::string& what) {
  return InvalidArgument("task: " + what);
}

bool IsEndpoint(std::string_view text) {
  return !text.empty() && text.size() <= kMaxEndpoint &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

Status CheckTime(const TaskConfiguration& task) {
  const bool demo = task.kind == TaskKind::kDemo;
  if (!demo && task.kind != TaskKind::kReal) return Refuse("neither real nor a demo");
  const std::uint64_t precision = task.time_precision;
  if (precision != kHour && precision != kDay && !(demo && precision == kDemoPrecision)) {
    return Refuse("the time precision is an hour or a day, or five seconds in a demo");
  }
  const std::uint64_t last = kLastSecond / precision;
  const Interval& all = task.interval;
  if (all.start > last || all.duration > last - all.start) {
    return Refuse("it lasts beyond the year 9999");
  }
  if (task.window == 0 || task.window > last || all.duration != task.window * task.noise.looks) {
    return Refuse("its interval is not as many windows as the noise policy allows looks");
  }
  return OkStatus();
}

Status CheckShapeOf(const TaskConfiguration& task) {
  if (task.shape.buckets < 2 || task.shape.buckets > kMostBuckets) {
    return Refuse("a histogram has 2 to 32 buckets");
  }
  FLOTILLA_ASSIGN_OR_RETURN(const vdaf::HistogramShape shape,
                            vdaf::SmallestReportShape(task.shape.buckets));
  if (task.shape.chunk_length != shape.chunk_length) {
    return Refuse("not the chunk length of the smallest report");
  }
  return OkStatus();
}

bool IsCohort(const Cohort& cohort) {
  const bool arm =
      cohort.arm == Arm::kCanary || cohort.arm == Arm::kControl || cohort.arm == Arm::kFleet;
  return arm && cohort.metric != 0 && cohort.schema_version != 0;
}

}  // namespace

Status TaskConfiguration::Check() const {
  if (task_info.empty() || task_info.size() > 255) return Refuse("task_info has 1 to 255 bytes");
  if (!IsEndpoint(leader_endpoint) || !IsEndpoint(helper_endpoint)) {
    return Refuse("an endpoint is 1 to 1,024 printable ASCII characters");
  }
  if (min_batch_size < kLeastBatchSize) return Refuse("a batch has 100 devices at least");
  if (!IsCohort(cohort)) return Refuse("schema version, metric or arm is missing or unknown");
  FLOTILLA_RETURN_IF_ERROR(dp::CheckPolicy(noise));
  FLOTILLA_RETURN_IF_ERROR(CheckTime(*this));
  return CheckShapeOf(*this);
}

Bytes TaskConfiguration::Encode() const {
  TlsWriter out;
  out.Opaque8(task_info);
  out.Opaque16(AsBytes(leader_endpoint));
  out.Opaque16(AsBytes(helper_endpoint));
  out.U64(time_precision);
  out.U64(min_batch_size);
  out.U8(kTimeInterval);
  out.Opaque16({});  // batch_config: empty in this mode
  out.U32(vdaf::HistogramCircuit::kAlgorithmId);
  TlsWriter vdaf_configuration;  // Prio3HistogramConfig, appendix B.4
  vdaf_configuration.U32(shape.buckets);
  vdaf_configuration.U32(shape.chunk_length);
  out.Opaque16(std::move(vdaf_configuration).Take());
  out.Opaque16(EncodeTaskExtensions(*this));
  return std::move(out).Take();
}

StatusOr<TaskConfiguration> TaskConfiguration::Decode(ByteView bytes) {
  TaskConfiguration task;
  TlsReader in(bytes);
  task.task_info = Copy(in.Opaque8(1));
  task.leader_endpoint = ToText(in.Opaque16(1));
  task.helper_endpoint = ToText(in.Opaque16(1));
  task.time_precision = in.U64();
  task.min_batch_size = in.U64();
  if (in.U8() != kTimeInterval || !in.Opaque16().empty()) in.Fail();
  if (in.U32() != vdaf::HistogramCircuit::kAlgorithmId) in.Fail();
  TlsReader vdaf_configuration(in.Opaque16());
  task.shape.buckets = vdaf_configuration.U32();
  task.shape.chunk_length = vdaf_configuration.U32();
  TlsReader extensions(in.Opaque16());
  ReadTaskExtensions(extensions, task);
  FLOTILLA_RETURN_IF_ERROR(in.Finish("a task configuration"));
  FLOTILLA_RETURN_IF_ERROR(vdaf_configuration.Finish("a VDAF configuration"));
  FLOTILLA_RETURN_IF_ERROR(extensions.Finish("the extensions of a task"));
  FLOTILLA_RETURN_IF_ERROR(task.Check());
  return task;
}

TaskId TaskIdOf(ByteView encoded_configuration) {
  return TaggedDigest(kTaskIdTag, encoded_configuration);
}

}  // namespace flotilla::dap
