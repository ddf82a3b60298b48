#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "messages/inspect_node.hpp"

namespace assay {

/// Adds up what values take on the way to another process, by what their `inspect` names: all of
/// their texts, and a little more than CAF writes for the rest.
class wire_counter {
 public:
  using result_type = void;
  static constexpr bool reads_state = true;
  static constexpr bool writes_state = false;

  template <class... Ts>
  void operator()(Ts&&... xs) {
    (count(xs), ...);
  }
  std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::size_t length_prefix = 5;

  void count(const std::string& text) { bytes_ += length_prefix + text.size(); }
  template <class Clock, class Duration>
  void count(const std::chrono::time_point<Clock, Duration>&) {
    bytes_ += sizeof(Duration);
  }
  template <class Rep, class Period>
  void count(const std::chrono::duration<Rep, Period>&) {
    bytes_ += sizeof(Rep);
  }
  template <class T>
  void count(const std::vector<T>& all) {
    bytes_ += length_prefix;
    for (const auto& x : all) count(x);
  }
  template <class T, std::size_t N>
  void count(const std::array<T, N>& all) {
    for (const auto& x : all) count(x);
  }
  template <class A, class B>
  void count(const std::pair<A, B>& both) {
    count(both.first);
    count(both.second);
  }
  template <class K, class V>
  void count(const std::map<K, V>& all) {
    bytes_ += length_prefix;
    for (const auto& x : all) count(x);
  }
  template <class T>
  void count(const T& x) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>)
      bytes_ += sizeof(T);
    else if constexpr (!caf::meta::is_annotation<T>::value)
      inspect(*this, const_cast<T&>(x));  // it only reads
  }

  std::size_t bytes_ = 0;
};

/// Bytes that a value takes in a message to another process, at most.
template <class T>
std::size_t wire_size(const T& x) {
  wire_counter counter;
  counter(x);
  return counter.bytes();
}

}  // namespace assay
