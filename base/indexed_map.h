#ifndef FLOTILLA_BASE_INDEXED_MAP_H_
#define FLOTILLA_BASE_INDEXED_MAP_H_

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

namespace flotilla {

// A map in the order of its keys in which one key is found by its hash: for tens of thousands of
// rows that are looked up by name all day and gone through in order now and then. Nothing is taken
// out of it; addresses of rows stay. One thread.
template <typename Row>
class IndexedMap {
 public:
  using Rows = std::map<std::string, Row>;

  IndexedMap() = default;
  ~IndexedMap() = default;
  IndexedMap(const IndexedMap&) = delete;
  IndexedMap& operator=(const IndexedMap&) = delete;

  const Rows& rows() const { return rows_; }
  // Null: there is none.
  const Row* Find(std::string_view key) const { return Found(key); }
  Row* Find(std::string_view key) { return Found(key); }
  // Made where there is none.
  Row& operator[](const std::string& key) {
    if (Row* const row = Found(key); row != nullptr) {
      return *row;
    }
    const auto made = rows_.try_emplace(key).first;
    found_.emplace(made->first, &made->second);
    return made->second;
  }

 private:
  Row* Found(std::string_view key) const {
    const auto found = found_.find(key);
    return found == found_.end() ? nullptr : found->second;
  }

  Rows rows_;
  std::unordered_map<std::string_view, Row*> found_;  // of the keys and rows above
};

}  // namespace flotilla

#endif  // FLOTILLA_BASE_INDEXED_MAP_H_
