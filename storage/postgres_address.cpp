#include "storage/postgres_address.hpp"

#include <libpq-fe.h>

#include <cstring>
#include <memory>
#include <string_view>

#include "storage/ledger.hpp"

namespace assay::storage {

bool is_server(const std::string& where) {
  return where.starts_with("postgresql://") || where.starts_with("postgres://");
}

namespace {

constexpr char form[] = "expected `postgresql://USER@HOST:PORT/DATABASE`";

/// Without what may be a password, also where the rest cannot be read.
std::string masked(const std::string& url) {
  auto host = url.find("://") + 3;
  auto at = url.rfind('@');
  auto shown = at == url.npos || at < host ? url : url.substr(0, host) + "***" + url.substr(at);
  return shown.substr(0, shown.find('?'));
}

using options_ptr = std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)>;

}  // namespace

expected<postgres_address> read_address(const std::string& url) {
  char* error = nullptr;
  options_ptr options(PQconninfoParse(url.c_str(), &error), PQconninfoFree);
  PQfreemem(error);  // it may quote the password
  if (!options) return fail(masked(url), "this is not the address of a database", form);
  for (auto* o = options.get(); o->keyword; ++o) {
    bool secret = o->dispchar && std::strchr(o->dispchar, '*');
    if (secret && o->val && *o->val)
      return fail(masked(url),
                  std::string("a ledger's address must not hold a `") + o->keyword +
                      "`: others can read it",
                  "put it into ~/.pgpass or the environment variable PGPASSWORD");
  }
  return postgres_address{url, url};
}

bool answers(const std::string& where) {
  return !is_server(where) || PQping(where.c_str()) == PQPING_OK;
}

}  // namespace assay::storage
