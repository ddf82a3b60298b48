#pragma once

#include <optional>
#include <string>

/// A PostgreSQL server of the test program's own, from Debian's package `postgresql`: started when
/// it is first asked for, on a socket in a temporary folder, and gone with the program.
namespace assay::tests {

/// The address of a new, empty schema; nothing, with a message, if the package is not installed.
std::optional<std::string> new_postgres_schema();

/// The one server of this program. REQUIRES: `new_postgres_schema` gave an address.
class postgres_server {
 public:
  static postgres_server& get();
  /// As `pg_ctl stop -m fast` does.
  void stop();
  void start();
  /// Executes SQL as another program would; gives the first column of the first row.
  std::string sql(const std::string& schema_address, const std::string& text) const;

 private:
  postgres_server();
  ~postgres_server();
  friend std::optional<std::string> new_postgres_schema();
  std::string address() const;

  std::string folder_;
  int process_ = 0;
  int owner_ = 0;  ///< our process: a fork of it does not stop the server
  int schemas_ = 0;
};

}  // namespace assay::tests
