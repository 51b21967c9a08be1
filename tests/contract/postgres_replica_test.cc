// What replicas share, on a PostgreSQL server: who leads, and what changed.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <libpq-fe.h>

#include <gtest/gtest.h>
#include "absl/strings/str_cat.h"

#include "base/os_clock.h"
#include "controller/storage/postgres_address.h"
#include "controller/storage/postgres_change_feed.h"
#include "controller/storage/postgres_leadership.h"
#include "controller/storage/postgres_revoked_serials.h"
#include "tests/contract/change_feed_contract.h"
#include "tests/contract/leadership_contract.h"
#include "tests/contract/postgres_store_subject.h"

namespace flotilla::controller {
namespace {

std::string Conninfo(const PostgresCluster& cluster, const std::string& database) {
  return PostgresConninfo(cluster.Address(database)).value_or("");
}

void EndSessions(const PostgresCluster& cluster, const std::string& database) {
  cluster.Run(database,
              "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE "
              "application_name = 'flotilla-controller'");
}

class PostgresLeaders final : public LeadershipSubject {
 public:
  explicit PostgresLeaders(PostgresCluster& cluster)
      : cluster_(cluster),
        database_(cluster.EmptiedDatabase()),
        first_(Conninfo(cluster, database_)),
        second_(Conninfo(cluster, database_)) {}
  Leadership& first() override { return first_; }
  Leadership& second() override { return second_; }
  void CutLeader() override { EndSessions(cluster_, database_); }

 private:
  PostgresCluster& cluster_;
  const std::string database_;
  PostgresLeadership first_;
  PostgresLeadership second_;
};

class PostgresFeeds final : public FeedSubject {
 public:
  std::unique_ptr<ChangeFeed> NewFeed(FeedPolls polls) override {
    ChangeFeedOptions options;
    options.conninfo = Conninfo(store_->cluster(), store_->database());
    options.poll = polls == FeedPolls::kOften ? absl::Milliseconds(20) : absl::Hours(1);
    options.retry = absl::Milliseconds(20);
    return std::make_unique<PostgresChangeFeed>(std::move(options), clock_);
  }
  void Commit(ChangeTopic topic) override {
    store_->Run(topic == ChangeTopic::kLeader
                    ? "INSERT INTO leaders (one, epoch, revision) VALUES (1, 1, 1) ON CONFLICT "
                      "(one) DO UPDATE SET revision = leaders.revision + 1"
                    : "INSERT INTO revocations SELECT 'serial-' || count(*), 'device:x', 0 FROM "
                      "revocations");
  }
  std::uint64_t Revision(ChangeTopic topic) override {
    return std::stoull(store_->Run(topic == ChangeTopic::kLeader
                                       ? "SELECT revision FROM leaders"
                                       : "SELECT count(*) FROM revocations"));
  }
  void PassPoll() override {}

  PostgresSubject& database() { return *store_; }

 private:
  OsClock clock_;
  std::unique_ptr<PostgresSubject> store_ = MakePostgresSubject();
};

std::unique_ptr<PostgresFeeds> MakeFeeds() {
  return PostgresCluster::OfProgram() == nullptr ? nullptr : std::make_unique<PostgresFeeds>();
}

INSTANTIATE_TEST_SUITE_P(Postgres, LeadershipContract,
                         testing::Values(LeadershipKind{
                             "postgres",
                             []() -> std::unique_ptr<LeadershipSubject> {
                               PostgresCluster* cluster = PostgresCluster::OfProgram();
                               return cluster == nullptr
                                          ? nullptr
                                          : std::make_unique<PostgresLeaders>(*cluster);
                             }}),
                         NameOfLeadership);
INSTANTIATE_TEST_SUITE_P(Postgres, ChangeFeedContract,
                         testing::Values(FeedKind{"postgres", MakeFeeds}), NameOfFeed);

class PostgresFeed : public ::testing::Test {
 protected:
  PostgresFeed() : feeds_(MakeFeeds()) {}
  void SetUp() override {
    if (feeds_ == nullptr) {
      GTEST_SKIP() << "LEFT OUT: PostgreSQL";
    }
  }
  std::unique_ptr<PostgresFeeds> feeds_;
};

TEST_F(PostgresFeed, GoesOnAfterItsConnectionBroke) {
  FeedRecord record;
  const auto feed = feeds_->NewFeed(FeedPolls::kNever);
  feed->Watch(record.Watcher());
  feeds_->Commit(ChangeTopic::kLeader);
  feed->Announce();
  ASSERT_TRUE(record.Await(ChangeTopic::kLeader, 1));
  feeds_->Commit(ChangeTopic::kLeader);
  EndSessions(feeds_->database().cluster(), feeds_->database().database());
  EXPECT_TRUE(record.Await(ChangeTopic::kLeader, 2)) << "it looks as soon as it is back";
}

TEST_F(PostgresFeed, MakesOneNotificationOfManyAnnouncements) {
  FeedRecord record;
  const auto feed = feeds_->NewFeed(FeedPolls::kNever);
  feed->Watch(record.Watcher());
  const std::unique_ptr<PGconn, void (*)(PGconn*)> listener(
      PQconnectdb(Conninfo(feeds_->database().cluster(), feeds_->database().database()).c_str()),
      PQfinish);
  const std::unique_ptr<PGresult, void (*)(PGresult*)> listening(
      PQexec(listener.get(), "LISTEN flotilla_changes"), PQclear);
  ASSERT_EQ(PQresultStatus(listening.get()), PGRES_COMMAND_OK);
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 20000; ++i) {
    feed->Announce();
  }
  feeds_->Commit(ChangeTopic::kLeader);
  feed->Announce();
  ASSERT_TRUE(record.Await(ChangeTopic::kLeader, 1));
  const auto took = std::chrono::steady_clock::now() - begin;
  const std::unique_ptr<PGresult, void (*)(PGresult*)> fetched(PQexec(listener.get(), "SELECT 1"),
                                                               PQclear);
  int notifications = 0;
  using Notification = std::unique_ptr<PGnotify, void (*)(void*)>;
  while (Notification(PQnotifies(listener.get()), PQfreemem) != nullptr) {
    ++notifications;
  }
  EXPECT_GE(notifications, 1);
  EXPECT_LE(notifications, 2 + took / std::chrono::milliseconds(100));
}

TEST_F(PostgresFeed, ReadsWhichCertificatesAreRefused) {
  PostgresRevokedSerials serials(
      Conninfo(feeds_->database().cluster(), feeds_->database().database()));
  EXPECT_EQ(serials.All().value(), std::vector<std::string>());
  feeds_->Commit(ChangeTopic::kRevocations);
  feeds_->Commit(ChangeTopic::kRevocations);
  EXPECT_EQ(serials.All().value().size(), 2U);
}

}  // namespace
}  // namespace flotilla::controller
