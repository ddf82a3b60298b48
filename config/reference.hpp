#pragma once

#include <string>

namespace assay::config {

/// All tables and keys of a settings file as Markdown, made from the tables of options by which
/// files are read. docs/configuration.md contains exactly this text; a test compares the two.
std::string reference();

/// The presets as Markdown, for the same document.
std::string preset_reference();

}  // namespace assay::config
