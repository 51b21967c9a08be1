// Words that were planted where nothing may get out, searched for in all that did.
#ifndef FLOTILLA_TESTS_SUPPORT_CANARY_SEARCH_H_
#define FLOTILLA_TESTS_SUPPORT_CANARY_SEARCH_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/byte_search.h"

namespace flotilla {

// A form in which bytes could get out, and what it is called.
using NamedForm = std::pair<std::string, std::string>;

// As they are, reversed, as UTF-16 of both orders, in hexadecimal of both cases, and in base64 of
// both alphabets at each of its three phases, there without the letters that depend on the
// neighbours.
std::vector<NamedForm> FormsOf(std::string_view bytes);

// What gzip, zlib and Zstandard streams in `bytes` hold, wherever they begin, as far as they can be
// read and up to 16 MiB each.
std::vector<NamedForm> UnpackedFrom(std::string_view bytes);

class CanarySearch {
 public:
  // At least ByteSearch::kLeastBytes letters, of which none occurs by chance.
  void Plant(std::string_view name, std::string_view word);

  // A line for each find: "<place>: <name> <form>", also in packed streams and in those within
  // them, and across line breaks.
  std::vector<std::string> InBytes(std::string_view place, std::string_view bytes) const;
  std::vector<std::string> InFile(const std::filesystem::path& file) const;
  // Every file below the folder but those below `without`, and their names. A folder that is not
  // there is a find.
  std::vector<std::string> InFolder(const std::filesystem::path& folder,
                                    const std::vector<std::filesystem::path>& without = {}) const;

 private:
  void SearchInto(const std::string& place, std::string_view bytes, int depth,
                  std::vector<std::string>& finds) const;

  ByteSearch search_;
};

}  // namespace flotilla

#endif  // FLOTILLA_TESTS_SUPPORT_CANARY_SEARCH_H_
