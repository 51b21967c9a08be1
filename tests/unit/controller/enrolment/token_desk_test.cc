#include "controller/enrolment/token_desk.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include "flotilla/v1/failure_reason.pb.h"

#include "base/status.h"
#include "security/enrolment_token.h"
#include "tests/unit/controller/enrolment/enrolment_fixture.h"

namespace flotilla::controller {
namespace {

class TokenDeskTest : public EnrolmentFixture {
 protected:
  StatusCode CodeOf(const v1::CreateTokenRequest& request) {
    std::optional<Status> status;
    tokens_.Create(request, "operator:alice", [&](const StatusOr<v1::CreateTokenResponse>& answer) {
      status = answer.status();
    });
    return status.value().code();
  }
};

TEST_F(TokenDeskTest, KeepsTheHashOfTheSecretOnly) {
  const auto token = NewToken(1);
  const auto text = security::ParseTokenText(token.text());
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text->id, token.token().id());
  EXPECT_EQ(text->ca, authority_.Fingerprint());
  const StoredToken* const stored = ledger_.state().FindToken(text->id);
  ASSERT_NE(stored, nullptr);
  EXPECT_EQ(stored->secret_sha256, security::HashTokenSecret(text->secret));
  EXPECT_EQ(stored->token.SerializeAsString().find(text->secret), std::string::npos);
}

TEST_F(TokenDeskTest, GivesOneUseForADayUnlessAskedOtherwise) {
  v1::CreateTokenRequest request;
  std::optional<v1::EnrolmentToken> token;
  tokens_.Create(request, "operator:alice", [&](const StatusOr<v1::CreateTokenResponse>& answer) {
    token = answer.value().token();
  });
  EXPECT_EQ(token->max_uses(), 1U);
  EXPECT_EQ(token->expires_at().seconds(), absl::ToUnixSeconds(clock_.Now() + absl::Hours(24)));
  EXPECT_EQ(token->created_by(), "operator:alice");
}

TEST_F(TokenDeskTest, RefusesWhatIsOutOfBounds) {
  v1::CreateTokenRequest uses;
  uses.set_max_uses(100'001);
  EXPECT_EQ(CodeOf(uses), StatusCode::kInvalidArgument);
  v1::CreateTokenRequest life;
  life.mutable_valid_for()->set_seconds(std::int64_t{90} * 24 * 3600 + 1);
  EXPECT_EQ(CodeOf(life), StatusCode::kInvalidArgument);
  life.mutable_valid_for()->set_seconds(0);
  EXPECT_EQ(CodeOf(life), StatusCode::kInvalidArgument);
  life.mutable_valid_for()->set_seconds(std::int64_t{90} * 24 * 3600);
  EXPECT_EQ(CodeOf(life), StatusCode::kOk);
  v1::CreateTokenRequest label;
  (*label.mutable_labels())["a b"] = "c";
  EXPECT_EQ(CodeOf(label), StatusCode::kInvalidArgument);
  v1::CreateTokenRequest many;
  for (int i = 0; i < 33; ++i) {
    (*many.mutable_labels())["k" + std::to_string(i)] = "v";
  }
  EXPECT_EQ(CodeOf(many), StatusCode::kInvalidArgument);
}

TEST_F(TokenDeskTest, AdmitsTheWholeTokenOnly) {
  const auto token = NewToken(1);
  EXPECT_TRUE(tokens_.Admit(token.text(), "").ok());
  const auto parts = security::ParseTokenText(token.text()).value();
  for (const security::TokenText& wrong :
       {security::TokenText{"00000000", parts.secret, parts.ca},
        security::TokenText{parts.id, "0123456789abcdef", parts.ca},
        security::TokenText{parts.id, parts.secret, Digest()}}) {
    const auto refused = tokens_.Admit(security::FormatTokenText(wrong), "");
    EXPECT_EQ(refused.status().code(), StatusCode::kUnauthenticated);
    EXPECT_EQ(ReasonNumber(refused.status()), v1::FAILURE_REASON_CONTROL_TOKEN_UNKNOWN);
  }
}

TEST_F(TokenDeskTest, DoesNotAdmitARevokedToken) {
  const auto token = NewToken(1);
  bool revoked = false;
  tokens_.Revoke(token.token().id(), "operator:alice",
                 [&](const StatusOr<v1::RevokeTokenResponse>& answer) {
                   revoked = answer.value().token().revoked();
                 });
  EXPECT_TRUE(revoked);
  EXPECT_EQ(ReasonNumber(tokens_.Admit(token.text(), "").status()),
            v1::FAILURE_REASON_CONTROL_TOKEN_UNKNOWN);
}

TEST_F(TokenDeskTest, DoesNotKnowATokenThatIsNotThere) {
  std::optional<Status> status;
  tokens_.Revoke("nope", "operator:alice", [&](const StatusOr<v1::RevokeTokenResponse>& answer) {
    status = answer.status();
  });
  EXPECT_EQ(status.value().code(), StatusCode::kNotFound);
}

TEST_F(TokenDeskTest, ListsTheNewestFirst) {
  const auto first = NewToken(1);
  clock_.Advance(absl::Seconds(1));
  const auto second = NewToken(1);
  const auto list = tokens_.List();
  ASSERT_EQ(list.tokens_size(), 2);
  EXPECT_EQ(list.tokens(0).id(), second.token().id());
  EXPECT_EQ(list.tokens(1).id(), first.token().id());
}

}  // namespace
}  // namespace flotilla::controller
