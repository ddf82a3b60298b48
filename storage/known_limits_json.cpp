#include "storage/known_limits_json.hpp"

#include <nlohmann/json.hpp>

namespace assay::storage {

using nlohmann::json;

namespace {

json json_of(const known_rate& r) {
  json object = {{"model", r.model},
                 {"counts", static_cast<int>(r.counts)},
                 {"shape", static_cast<int>(r.shape)},
                 {"rate_per_s", r.rate},
                 {"low_per_s", r.low},
                 {"high_per_s", r.high},
                 {"burst", r.burst},
                 {"left", r.left},
                 {"source", static_cast<int>(r.source)},
                 {"key", r.key}};
  if (r.window) object["window_s"] = seconds(*r.window);
  if (!r.address.empty()) object["address"] = r.address;
  return object;
}

json json_of(const known_places& p) {
  json object = {{"model", p.model}, {"most", p.most}, {"source", static_cast<int>(p.source)}};
  if (!p.address.empty()) object["address"] = p.address;
  return object;
}

template <class Enum>
bool read_enum(const json& object, const char* name, Enum last, Enum& into) {
  auto number = object.value(name, -1);
  into = static_cast<Enum>(number);
  return number >= 0 && number <= static_cast<int>(last);
}

bool read_rate(const json& object, known_rate& r) {
  r.model = object.value("model", "");
  r.rate = object.value("rate_per_s", 0.0);
  r.low = object.value("low_per_s", 0.0);
  r.high = object.value("high_per_s", 0.0);
  r.burst = object.value("burst", 0.0);
  r.left = object.value("left", 0.0);
  r.key = object.value("key", "");
  r.address = object.value("address", "");
  if (object.contains("window_s")) r.window = from_seconds(object["window_s"].get<double>());
  return read_enum(object, "counts", dimension::concurrency, r.counts) &&
         read_enum(object, "shape", limit_shape::sliding_log, r.shape) &&
         read_enum(object, "source", knowledge::overload, r.source);
}

bool read_places(const json& object, known_places& p) {
  p.model = object.value("model", "");
  p.most = object.value("most", 0);
  p.address = object.value("address", "");
  return read_enum(object, "source", knowledge::overload, p.source);
}

}  // namespace

std::string known_limits_json(const known_limits& known) {
  json all = {{"rates", json::array()}, {"places", json::array()}};
  for (const auto& r : known.rates) all["rates"].push_back(json_of(r));
  for (const auto& p : known.places) all["places"].push_back(json_of(p));
  return all.dump(-1, ' ', false, json::error_handler_t::replace);
}

bool read_known_limits(std::string_view text, known_limits& known) try {
  auto all = json::parse(text);
  for (const auto& r : all.at("rates"))
    if (!read_rate(r, known.rates.emplace_back())) return false;
  for (const auto& p : all.at("places"))
    if (!read_places(p, known.places.emplace_back())) return false;
  return true;
} catch (const json::exception&) {
  return false;
}

}  // namespace assay::storage
