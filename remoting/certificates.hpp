#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "messages/problem.hpp"

/// The certificates by which a coordinator and its nodes know each other. A folder holds them:
/// `ca.pem` and `ca.key`, and for each member `NAME.pem` and `NAME.key`. Only `ca.pem` and the
/// member's own two files need to be on a machine; `ca.key` belongs where certificates are issued.
namespace assay::remoting {

using certificate_time = std::chrono::sys_seconds;

/// What a certificate says of itself.
struct certificate_facts {
  /// Who it is for: its first DNS name, in lower case; for an authority its common name.
  std::string name;
  /// Every DNS name in it.
  std::vector<std::string> names;
  std::string issuer;
  std::string serial;  ///< hexadecimal
  certificate_time from, until;
  bool authority = false;
};

/// The three files by which a process proves who it is and knows whom to trust.
struct credentials {
  std::filesystem::path authority;    ///< one or more CA certificates, PEM
  std::filesystem::path certificate;  ///< the process's own, then those between it and the CA, PEM
  std::filesystem::path key;          ///< PEM, without a passphrase
};

/// The files of that name in a folder that `init_authority` made or that is laid out like one.
credentials credentials_in(const std::filesystem::path& folder, std::string_view name);

/// Makes a certificate authority in the folder: `ca.pem`, `ca.key`. EC P-256, SHA-256. An existing
/// one is left alone and is a problem.
expected<certificate_facts> init_authority(const std::filesystem::path& folder,
                                           std::chrono::days valid, certificate_time now);

/// Issues `NAME.pem` and `NAME.key`, good for both ends of a connection. It does not outlive its
/// authority. Existing files are left alone and are a problem.
expected<certificate_facts> issue_certificate(const std::filesystem::path& folder,
                                              std::string_view name, std::chrono::days valid,
                                              certificate_time now);

/// Reads the first certificate of a PEM file.
expected<certificate_facts> read_certificate(const std::filesystem::path& file);

/// Checks what a handshake would find out too late: that the files are there, that the key fits
/// and is not open to everybody, and that the certificate is of this authority and valid now.
expected<certificate_facts> check_credentials(const credentials&, certificate_time now);

}  // namespace assay::remoting
