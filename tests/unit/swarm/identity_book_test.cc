#include "tests/swarm/fleet/identity_book.h"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace flotilla::swarm {
namespace {

TEST(IdentityBook, KeepsDevicesAndWhatTheyHaveInstalled) {
  const TempDir folder;
  {
    IdentityBook book = IdentityBook::Open(folder.path() / "kept").value();
    book.SetAuthority("CA\n");
    KeptDevice device{"d1", "key\n", "chain\n", {}};
    v1::LineStatus& line = device.installed.emplace_back();
    line.set_line("slm");
    line.mutable_current()->set_version("1.0.0");
    book.devices().push_back(device);
    ASSERT_TRUE(book.Save().ok());
  }
  IdentityBook book = IdentityBook::Open(folder.path() / "kept").value();
  EXPECT_EQ(book.authority_pem(), "CA\n");
  ASSERT_EQ(book.devices().size(), 1U);
  EXPECT_EQ(book.devices().front().key_pem, "key\n");
  ASSERT_EQ(book.devices().front().installed.size(), 1U);
  EXPECT_EQ(book.devices().front().installed.front().current().version(), "1.0.0");
}

TEST(IdentityBook, RefusesALineThatIsNotItsOwn) {
  const TempDir folder;
  std::ofstream(folder.path() / "devices.jsonl") << "{\"id\":\"d1\"}\n";
  EXPECT_EQ(IdentityBook::Open(folder.path()).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace flotilla::swarm
