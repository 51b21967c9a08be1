#include "controller/http/event_hub.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace flotilla::http {
namespace {

struct Listener {
  std::vector<std::string> frames;
  EventHub::Sink Sink() {
    return [this](const std::string& frame) { frames.push_back(frame); };
  }
};

TEST(EventHub, TellsListenersWhatIsPublishedAfterTheyCame) {
  EventHub hub;
  hub.Publish("early", "{}");
  Listener listener;
  hub.Subscribe(0, listener.Sink());
  hub.Publish("late", "{\"a\":1}");
  ASSERT_EQ(listener.frames.size(), 1U);
  EXPECT_EQ(listener.frames[0], "id: 2\nevent: late\ndata: {\"a\":1}\n\n");
}

TEST(EventHub, ResumesAfterTheLastEventAListenerSaw) {
  EventHub hub;
  for (int i = 0; i < 5; ++i) {
    hub.Publish("tick", "{}");
  }
  Listener listener;
  hub.Subscribe(3, listener.Sink());
  ASSERT_EQ(listener.frames.size(), 2U);
  EXPECT_TRUE(listener.frames[0].starts_with("id: 4\n"));
}

TEST(EventHub, SaysSoWhenEventsWereMissed) {
  EventHub hub(2);
  for (int i = 0; i < 5; ++i) {
    hub.Publish("tick", "{}");
  }
  Listener old_listener;
  hub.Subscribe(1, old_listener.Sink());
  EXPECT_EQ(old_listener.frames.front(), "event: reset\ndata: {}\n\n");
  // An id of another life of the server.
  Listener stranger;
  hub.Subscribe(77, stranger.Sink());
  EXPECT_EQ(stranger.frames.front(), "event: reset\ndata: {}\n\n");
}

TEST(EventHub, ForgetsAListenerThatLeft) {
  EventHub hub;
  Listener listener;
  const auto token = hub.Subscribe(0, listener.Sink());
  hub.Unsubscribe(token);
  hub.Publish("tick", "{}");
  EXPECT_TRUE(listener.frames.empty());
}

}  // namespace
}  // namespace flotilla::http
