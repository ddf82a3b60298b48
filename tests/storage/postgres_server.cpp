#include "tests/storage/postgres_server.hpp"

#include <doctest/doctest.h>
#include <libpq-fe.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>
#include <vector>

namespace assay::tests {

namespace fs = std::filesystem;

namespace {

constexpr unsigned nobody = 65534;

/// The newest version that is installed; empty if there is none.
fs::path programs() {
  fs::path newest;
  std::error_code none;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", none))
    if (fs::exists(version.path() / "bin/initdb"))
      newest = std::max(newest, version.path() / "bin");
  return newest;
}

/// Starts a program that ends with us. PostgreSQL does not run as root.
int start_program(const std::vector<std::string>& words, const std::string& folder) {
  std::fflush(stdout);  // what is buffered is not the program's
  auto child = ::fork();
  if (child != 0) return child;
  if (::getuid() == 0 && (::setgid(nobody) != 0 || ::setuid(nobody) != 0)) ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGINT);
  ::setsid();
  std::freopen((folder + "/log").c_str(), "a", stdout);
  ::dup2(1, 2);
  ::chdir("/");
  std::vector<char*> list;
  for (const auto& word : words) list.push_back(const_cast<char*>(word.c_str()));
  list.push_back(nullptr);
  ::execv(list[0], list.data());
  ::_exit(127);
}

}  // namespace

postgres_server& postgres_server::get() {
  static postgres_server server;
  return server;
}

postgres_server::postgres_server() : owner_(::getpid()) {
  std::string name = (fs::temp_directory_path() / "assay-pg-XXXXXX").string();
  folder_ = ::mkdtemp(name.data());
  if (::getuid() == 0) REQUIRE(::chown(folder_.c_str(), nobody, nobody) == 0);
  auto child = start_program({programs() / "initdb", "-D", folder_ + "/data", "-U", "assay", "-A",
                              "trust", "-E", "UTF8", "--locale=C", "-N"},
                             folder_);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0) FAIL("initdb failed, see " << folder_ << "/log");
  start();
}

postgres_server::~postgres_server() {
  if (::getpid() != owner_) return;
  stop();
  fs::remove_all(folder_);
}

void postgres_server::start() {
  process_ = start_program(
      {programs() / "postgres", "-D", folder_ + "/data", "-c", "listen_addresses=", "-c",
       "unix_socket_directories=" + folder_, "-c", "fsync=off", "-c", "max_connections=60"},
      folder_);
  for (int i = 0; PQping(address().c_str()) != PQPING_OK; ++i) {
    if (i > 3'000) FAIL("the PostgreSQL server does not start, see " << folder_ << "/log");
    ::usleep(10'000);
  }
}

void postgres_server::stop() {
  ::kill(process_, SIGINT);
  ::waitpid(process_, nullptr, 0);
}

std::string postgres_server::address() const {
  return "postgresql:///postgres?user=assay&host=" + folder_;
}

std::string postgres_server::sql(const std::string& schema_address, const std::string& text) const {
  std::unique_ptr<PGconn, decltype(&PQfinish)> db(PQconnectdb(schema_address.c_str()), PQfinish);
  std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(db.get(), text.c_str()), PQclear);
  auto status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
    FAIL(text << ": " << PQerrorMessage(db.get()));
  return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

std::optional<std::string> new_postgres_schema() {
  if (programs().empty()) {
    static bool told = false;
    if (!std::exchange(told, true))
      std::puts("skipped: PostgreSQL (the package `postgresql` is not installed)");
    return std::nullopt;
  }
  auto& server = postgres_server::get();
  auto name = "test_" + std::to_string(++server.schemas_);
  server.sql(server.address(), "CREATE SCHEMA " + name);
  return server.address() + "&options=-csearch_path%3D" + name;
}

}  // namespace assay::tests
