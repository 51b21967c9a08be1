// Typed access to a known-answer vector; every error names the key.
#ifndef FLOTILLA_TESTS_CONFORMANCE_VDAF_JSON_READING_H_
#define FLOTILLA_TESTS_CONFORMANCE_VDAF_JSON_READING_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "base/bytes.h"
#include "base/status.h"

namespace flotilla::conformance {

// The object in a file of at most 64 MiB. Errors of ReadFile; DATA_LOSS: no JSON object.
StatusOr<boost::json::object> ReadVectorFile(const std::filesystem::path& path);

// DATA_LOSS each: no such key, or a value of another type or out of range.
StatusOr<std::int64_t> IntegerAt(const boost::json::object& object, const std::string& key);
StatusOr<std::uint32_t> CountAt(const boost::json::object& object, const std::string& key);
StatusOr<bool> FlagAt(const boost::json::object& object, const std::string& key);
StatusOr<std::string> TextAt(const boost::json::object& object, const std::string& key);
StatusOr<Bytes> HexAt(const boost::json::object& object, const std::string& key);
StatusOr<boost::json::array> ArrayAt(const boost::json::object& object, const std::string& key);

// Of a list's elements: a number (true and false are 1 and 0), a hexadecimal string.
StatusOr<std::int64_t> AsInteger(const boost::json::value& value, const std::string& what);
StatusOr<Bytes> AsHex(const boost::json::value& value, const std::string& what);
StatusOr<std::vector<Bytes>> AsHexList(const boost::json::value& value, const std::string& what);

// A hexadecimal string of exactly N bytes.
template <std::size_t N>
StatusOr<std::array<std::uint8_t, N>> ArrayOfBytesAt(const boost::json::object& object,
                                                     const std::string& key) {
  FLOTILLA_ASSIGN_OR_RETURN(const Bytes bytes, HexAt(object, key));
  if (bytes.size() != N) return DataLoss(key + " has not " + std::to_string(N) + " bytes");
  std::array<std::uint8_t, N> array{};
  std::copy(bytes.begin(), bytes.end(), array.begin());
  return array;
}

}  // namespace flotilla::conformance

#endif  // FLOTILLA_TESTS_CONFORMANCE_VDAF_JSON_READING_H_
