#include "engine/api/control_channel.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "flotilla/v1/engine.pb.h"

namespace flotilla::engine {
namespace {

v1::EngineCommand DrainCommand(std::uint32_t grace) {
  v1::EngineCommand command;
  command.mutable_drain()->set_grace_ms(grace);
  return command;
}

TEST(ControlChannel, KeepsMessagesApartAndInOrder) {
  auto ends = ControlChannel::Pair();
  ASSERT_TRUE(ends.ok());
  ASSERT_TRUE(ends->first.Send(DrainCommand(1)).ok());
  ASSERT_TRUE(ends->first.Send(DrainCommand(2)).ok());
  for (const std::uint32_t grace : {1U, 2U}) {
    const auto message = ends->second.Receive(absl::Seconds(5));
    ASSERT_TRUE(message.ok());
    EXPECT_EQ(ParseAs<v1::EngineCommand>(*message)->drain().grace_ms(), grace);
  }
}

TEST(ControlChannel, PassesDescriptorsThatPointToTheSameFile) {
  auto ends = ControlChannel::Pair();
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const UniqueFd reading(pipe[0]);
  const UniqueFd writing(pipe[1]);
  const std::array<int, 2> sent = {reading.get(), writing.get()};
  ASSERT_TRUE(ends->first.Send(DrainCommand(1), sent).ok());
  const auto message = ends->second.Receive(absl::Seconds(5));
  ASSERT_TRUE(message.ok());
  ASSERT_EQ(message->descriptors.size(), 2U);
  EXPECT_NE(::fcntl(message->descriptors[1].get(), F_GETFD) & FD_CLOEXEC, 0);
  ASSERT_EQ(::write(message->descriptors[1].get(), "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(::read(reading.get(), &byte, 1), 1);
  EXPECT_EQ(byte, 'x');
}

TEST(ControlChannel, SaysThatTheOtherEndIsClosedAfterWhatItSentBefore) {
  auto ends = ControlChannel::Pair();
  ASSERT_TRUE(ends->first.Send(DrainCommand(1)).ok());
  { const ControlChannel closing = std::move(ends->first); }
  EXPECT_TRUE(ends->second.Receive(absl::ZeroDuration()).ok());
  EXPECT_EQ(ends->second.Receive(absl::InfiniteDuration()).status().code(),
            StatusCode::kUnavailable);
  EXPECT_EQ(ends->second.Send(DrainCommand(1)).code(), StatusCode::kUnavailable);
}

TEST(ControlChannel, DoesNotWaitWhenThereIsNothing) {
  auto ends = ControlChannel::Pair();
  EXPECT_EQ(ends->first.Receive(absl::ZeroDuration()).status().code(),
            StatusCode::kDeadlineExceeded);
}

TEST(ControlChannel, RefusesMessagesOverTheLimits) {
  auto ends = ControlChannel::Pair();
  v1::EngineCommand large;
  large.mutable_load()->set_model_id(std::string(ControlChannel::kMaxMessageBytes + 1, 'x'));
  EXPECT_EQ(ends->first.Send(large).code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(ends->first.Send(v1::EngineCommand()).code(), StatusCode::kInvalidArgument);
}

TEST(ControlChannel, AdoptsNoOtherKindOfDescriptor) {
  UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(ControlChannel::Adopt(std::move(file)).status().code(),
            StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace flotilla::engine
