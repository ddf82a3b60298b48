#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "messages/problem.hpp"
#include "remoting/certificates.hpp"
#include "remoting/openssl.hpp"

namespace assay::remoting {

/// Who may read a file that is written.
enum class readers { everybody, owner };

/// Writes a file that must not exist yet.
expected<void> write_new_file(const std::filesystem::path&, std::string_view text, readers);

expected<x509_ptr> load_certificate(const std::filesystem::path&);

/// The certificates after the first one of a PEM file.
x509_stack_ptr load_rest_of_chain(const std::filesystem::path&);

/// Refuses a key that every user of the machine can read.
expected<key_ptr> load_key(const std::filesystem::path&);

std::string to_pem(X509&);
std::string to_pem(EVP_PKEY&);

certificate_facts facts_of(X509&);

/// The name that identifies the owner: the first DNS name, in lower case; empty if there is none or
/// if it is not made of letters, digits, `-`, `.` and `_`.
std::string identity_of(X509&);

/// 1 to 64 of the characters `a-z`, `0-9`, `-`, `.`, `_`, beginning with a letter or digit.
bool is_member_name(std::string_view);

}  // namespace assay::remoting
