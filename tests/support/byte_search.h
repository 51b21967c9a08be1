#ifndef FLOTILLA_TESTS_SUPPORT_BYTE_SEARCH_H_
#define FLOTILLA_TESTS_SUPPORT_BYTE_SEARCH_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace flotilla {

// Finds any of many byte strings in one pass over what is searched, however many there are.
class ByteSearch {
 public:
  // No shorter string can be searched for.
  static constexpr std::size_t kLeastBytes = 8;

  // `name` is what a find of `bytes` is called; several may have one name. False: too short, and
  // not taken.
  [[nodiscard]] bool Add(std::string_view bytes, std::string_view name);
  std::size_t size() const { return patterns_.size(); }

  // The names of what stands in `bytes`, each once.
  std::set<std::string> In(std::string_view bytes) const;

 private:
  struct Pattern {
    std::string bytes;
    std::string name;
  };

  std::vector<Pattern> patterns_;
  // First 8 bytes to places in patterns_, and a bit for each of them to pass by most others fast.
  std::unordered_multimap<std::uint64_t, std::size_t> begins_;
  std::vector<bool> filter_ = std::vector<bool>(std::size_t{1} << 20U);
};

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_BYTE_SEARCH_H_
