#include "fleetctl/trust/secret_prompt.h"

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "base/unique_fd.h"
#include "tests/support/temp_dir.h"

namespace flotilla::fleetctl {
namespace {

// The two ends of a terminal.
class SecretPrompt : public testing::Test {
 protected:
  void SetUp() override {
    person_.Reset(::posix_openpt(O_RDWR | O_NOCTTY));
    ASSERT_TRUE(person_.valid());
    ASSERT_EQ(::grantpt(person_.get()), 0);
    ASSERT_EQ(::unlockpt(person_.get()), 0);
    std::array<char, 128> name{};
    ASSERT_EQ(::ptsname_r(person_.get(), name.data(), name.size()), 0);
    device_ = name.data();
    terminal_.Reset(::open(name.data(), O_RDWR | O_NOCTTY));
    ASSERT_TRUE(terminal_.valid());
  }
  // Reads what the terminal shows until `end` is there.
  std::string ShownUntil(const std::string& end) const {
    std::string shown;
    char c = 0;
    while (shown.find(end) == std::string::npos && ::read(person_.get(), &c, 1) == 1) {
      shown += c;
    }
    return shown;
  }
  void Type(const std::string& text) const {
    ASSERT_EQ(::write(person_.get(), text.data(), text.size()),
              static_cast<::ssize_t>(text.size()));
  }
  tcflag_t Flags() const {
    termios state{};
    ::tcgetattr(terminal_.get(), &state);
    return state.c_lflag;
  }

  UniqueFd person_;
  UniqueFd terminal_;
  std::string device_;
};

TEST_F(SecretPrompt, TakesALineWithoutShowingIt) {
  const tcflag_t before = Flags();
  StatusOr<security::Secret> secret = Unavailable("not asked");
  std::jthread asking([&] { secret = AskTerminal(device_, "passphrase of k.pem"); });
  EXPECT_EQ(ShownUntil(": "), "passphrase of k.pem: ");
  Type("s3cret\n");
  asking.join();
  ASSERT_TRUE(secret.ok()) << MessageOf(secret.status());
  EXPECT_EQ(secret->view(), "s3cret");
  EXPECT_EQ(Flags(), before);
  EXPECT_EQ(ShownUntil("\n").find("s3cret"), std::string::npos);
}

TEST_F(SecretPrompt, NeedsATerminal) {
  const TempDir folder;
  std::ofstream(folder.path() / "file") << "x\n";
  EXPECT_EQ(AskTerminal((folder.path() / "file").string(), "p").status().code(),
            StatusCode::kFailedPrecondition);
  EXPECT_EQ(AskTerminal((folder.path() / "gone").string(), "p").status().code(),
            StatusCode::kFailedPrecondition);
}

TEST(GivenSecrets, ReadsTheFilesThatWereNamed) {
  const TempDir folder;
  std::ofstream(folder.path() / "pass") << "word\n";
  std::ofstream(folder.path() / "pin") << "1234\n";
  SecretOptions options;
  options.passphrase_file = (folder.path() / "pass").string();
  options.pin_file = (folder.path() / "pin").string();
  GivenSecrets secrets(options);
  EXPECT_EQ(secrets.Get({security::SecretKind::kPassphrase, "k"})->view(), "word");
  EXPECT_EQ(secrets.Get({security::SecretKind::kPin, "t"})->view(), "1234");
}

}  // namespace
}  // namespace flotilla::fleetctl
