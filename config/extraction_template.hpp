#pragma once

#include <string>

#include "config/files.hpp"
#include "config/option.hpp"
#include "messages/extraction_template.hpp"

/// The TOML file of a template: what it is about, and `[[field]]` for each value that is wanted
/// (docs/extraction.md).
namespace assay::config {

/// Reads a template. Returns every problem in one go, each with `file:line:column`; patterns are
/// not compiled here. A template without a name is called like its file.
checked<extraction_template> load_template(const std::string& path,
                                           const environment& = process_environment());

/// The same for a text; `path` is the file that it came from.
checked<extraction_template> parse_template(const std::string& text, const std::string& path,
                                            const environment&);

/// The keys outside `[[field]]`.
const options<extraction_template>& template_options();

/// The keys of a `[[field]]`.
const options<template_field>& template_field_options();

}  // namespace assay::config
