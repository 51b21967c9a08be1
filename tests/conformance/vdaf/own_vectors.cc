#include "tests/conformance/vdaf/own_vectors.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "tests/conformance/vdaf/vector_maker.h"

namespace flotilla::conformance {
namespace {

using vdaf::HistogramShape;
using vdaf::ShardedMeasurement;
using Texts = std::map<std::string, std::string>;

struct NamedRecipe {
  std::string name;
  Recipe recipe;
};
struct NamedTampering {
  std::string name;
  Tampering tampering;
};

// The metrics' shapes with one report each; batches; shapes whose last chunk is short or too long.
StatusOr<std::vector<NamedRecipe>> Recipes() {
  std::vector<NamedRecipe> recipes = {
      {"Prio3Count_own_batch", {.shape = {}, .shares = 2, .measurements = {1, 0, 1, 1}}},
      {"Prio3Count_own_four", {.shape = {}, .shares = 4, .measurements = {0}}},
  };
  for (const std::uint32_t buckets : {5U, 6U, 8U, 10U, 12U, 16U, 24U, 32U}) {
    FLOTILLA_ASSIGN_OR_RETURN(const HistogramShape shape, vdaf::SmallestReportShape(buckets));
    recipes.push_back({"Prio3Histogram_own_" + std::to_string(buckets),
                       {.shape = shape, .shares = 2, .measurements = {buckets - 1}}});
  }
  const HistogramShape batch{.buckets = 5, .chunk_length = 2};
  const HistogramShape one{.buckets = 1, .chunk_length = 1};
  const HistogramShape wide{.buckets = 3, .chunk_length = 7};
  const HistogramShape narrow{.buckets = 9, .chunk_length = 1};
  recipes.push_back({"Prio3Histogram_own_batch", {batch, 2, {0, 4, 4, 2}}});
  recipes.push_back({"Prio3Histogram_own_one_bucket", {one, 2, {0}}});
  recipes.push_back({"Prio3Histogram_own_wide_chunk", {wide, 3, {1}}});
  recipes.push_back({"Prio3Histogram_own_narrow_chunk", {narrow, 5, {8}}});
  return recipes;
}

std::function<void(ShardedMeasurement&)> Flip(std::size_t aggregator, std::size_t byte) {
  return [=](ShardedMeasurement& report) { report.input_shares[aggregator][byte] ^= 1; };
}

// Of a histogram of five buckets in chunks of two: 5 elements measured, 11 of the proof, the blind.
std::vector<NamedTampering> Tamperings() {
  std::vector<NamedTampering> list;
  const auto add = [&](const std::string& name, Tampering tampering) {
    list.push_back({"Prio3Histogram_own_bad_" + name, std::move(tampering)});
  };
  add("leader_measurement", {.report = Flip(0, 0), .shares = {}, .message = {}});
  add("wire_seed", {.report = Flip(0, 80), .shares = {}, .message = {}});
  add("gadget_value", {.report = Flip(0, 160), .shares = {}, .message = {}});
  add("leader_blind", {.report = Flip(0, 256), .shares = {}, .message = {}});
  add("helper_seed", {.report = Flip(1, 0), .shares = {}, .message = {}});
  add("helper_blind", {.report = Flip(1, 32), .shares = {}, .message = {}});
  const auto flip_public = [](ShardedMeasurement& report) { report.public_share[40] ^= 1; };
  const auto cut = [](ShardedMeasurement& report) { report.input_shares[0].pop_back(); };
  const auto modulus = [](ShardedMeasurement& report) {
    for (std::size_t i = 0; i < 16; ++i) report.input_shares[0][i] = 0xFF;
  };
  add("public_share", {.report = flip_public, .shares = {}, .message = {}});
  add("length", {.report = cut, .shares = {}, .message = {}});
  add("element", {.report = modulus, .shares = {}, .message = {}});
  const auto flip_share = [](std::vector<Bytes>& shares) { shares[1][0] ^= 1; };
  const auto drop_share = [](std::vector<Bytes>& shares) { shares.pop_back(); };
  add("verifier_share", {.report = {}, .shares = flip_share, .message = {}});
  add("verifier_count", {.report = {}, .shares = drop_share, .message = {}});
  const auto flip_message = [](Bytes& message) { message[0] ^= 1; };
  add("verifier_message", {.report = {}, .shares = {}, .message = flip_message});
  return list;
}

}  // namespace

StatusOr<Texts> MakeOwnVectors() {
  Texts texts;
  FLOTILLA_ASSIGN_OR_RETURN(const std::vector<NamedRecipe> recipes, Recipes());
  for (const NamedRecipe& named : recipes) {
    FLOTILLA_ASSIGN_OR_RETURN(VectorMaker maker, VectorMaker::Create(named.recipe));
    FLOTILLA_ASSIGN_OR_RETURN(const boost::json::object vector, maker.Honest());
    texts[named.name + ".json"] = boost::json::serialize(vector) + "\n";
  }
  const Recipe attacked{HistogramShape{.buckets = 5, .chunk_length = 2}, 2, {3}};
  for (const NamedTampering& named : Tamperings()) {
    FLOTILLA_ASSIGN_OR_RETURN(VectorMaker maker, VectorMaker::Create(attacked));
    FLOTILLA_ASSIGN_OR_RETURN(const boost::json::object vector, maker.Tampered(named.tampering));
    texts[named.name + ".json"] = boost::json::serialize(vector) + "\n";
  }
  return texts;
}

}  // namespace flotilla::conformance
