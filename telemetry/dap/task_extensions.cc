#include "telemetry/dap/task_extensions.h"

#include <cstdint>
#include <utility>

namespace flotilla::dap {
namespace {

void WriteFraction(const dp::Fraction& fraction, TlsWriter& out) {
  out.U64(fraction.numerator);
  out.U64(fraction.denominator);
}

Bytes EncodeInterval(const Interval& interval) {
  TlsWriter out;
  out.U64(interval.start);
  out.U64(interval.duration);
  return std::move(out).Take();
}

Bytes EncodeNoise(const dp::NoisePolicy& noise) {
  TlsWriter out;
  out.U8(static_cast<std::uint8_t>(noise.mechanism));
  WriteFraction(noise.parameter, out);
  out.U32(noise.looks);
  return std::move(out).Take();
}

Bytes EncodeCohort(const Cohort& cohort) {
  TlsWriter out;
  out.U32(cohort.schema_version);
  out.U32(cohort.metric);
  out.U8(static_cast<std::uint8_t>(cohort.arm));
  out.Raw(cohort.release.bytes());
  out.U32(cohort.hardware_class);
  return std::move(out).Take();
}

Bytes EncodeWindow(const TaskConfiguration& task) {
  TlsWriter out;
  out.U64(task.window);
  out.U8(static_cast<std::uint8_t>(task.kind));
  return std::move(out).Take();
}

// The data of the next extension, which is of `type`.
TlsReader Take(TlsReader& extensions, std::uint16_t type) {
  if (extensions.U16() != type) extensions.Fail();
  return TlsReader(extensions.Opaque16());
}

// Whatever is wrong in the data is wrong in the whole.
void Close(const TlsReader& data, TlsReader& extensions) {
  if (!data.Finish("an extension").ok()) extensions.Fail();
}

}  // namespace

void WriteExtension(std::uint16_t type, ByteView data, TlsWriter& out) {
  out.U16(type);
  out.Opaque16(data);
}

Bytes EncodeTaskExtensions(const TaskConfiguration& task) {
  TlsWriter out;
  WriteExtension(kTaskIntervalExtension, EncodeInterval(task.interval), out);
  WriteExtension(kNoiseExtension, EncodeNoise(task.noise), out);
  WriteExtension(kCohortExtension, EncodeCohort(task.cohort), out);
  WriteExtension(kWindowExtension, EncodeWindow(task), out);
  return std::move(out).Take();
}

void ReadTaskExtensions(TlsReader& extensions, TaskConfiguration& task) {
  TlsReader interval = Take(extensions, kTaskIntervalExtension);
  task.interval.start = interval.U64();
  task.interval.duration = interval.U64();
  Close(interval, extensions);

  TlsReader noise = Take(extensions, kNoiseExtension);
  task.noise.mechanism = static_cast<dp::Mechanism>(noise.U8());
  task.noise.parameter.numerator = noise.U64();
  task.noise.parameter.denominator = noise.U64();
  task.noise.looks = noise.U32();
  Close(noise, extensions);

  TlsReader cohort = Take(extensions, kCohortExtension);
  task.cohort.schema_version = cohort.U32();
  task.cohort.metric = cohort.U32();
  task.cohort.arm = static_cast<Arm>(cohort.U8());
  task.cohort.release = Digest(cohort.Array<Digest::kSize>());
  task.cohort.hardware_class = cohort.U32();
  Close(cohort, extensions);

  TlsReader window = Take(extensions, kWindowExtension);
  task.window = window.U64();
  task.kind = static_cast<TaskKind>(window.U8());
  Close(window, extensions);
}

}  // namespace flotilla::dap
