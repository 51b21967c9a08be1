#include "controller/bootstrap/ca_key.h"

#include <memory>

#include <gtest/gtest.h>

#include "base/os_durable_fs.h"
#include "security/key_file.h"
#include "tests/support/temp_dir.h"

namespace flotilla::controller {
namespace {

TEST(CaKey, OfAProgramHasItsPublicHalfBesideIt) {
  const TempDir folder;
  OsDurableFs fs;
  const auto key = security::GenerateEd25519().value();
  ASSERT_EQ(security::SavePublicKey(fs, folder.path() / "sign.pub", key->public_key()), OkStatus());
  const auto opened = OpenCaKey("cmd:" + (folder.path() / "sign").string());
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ((*opened)->public_key().spki_der(), key->public_key().spki_der());
  EXPECT_EQ(OpenCaKey("cmd:" + (folder.path() / "other").string()).status().code(),
            StatusCode::kNotFound);
}

}  // namespace
}  // namespace flotilla::controller
