#pragma once

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "evaluation/judge.hpp"

namespace assay::tests {

inline judge_settings judge_of(const std::string& type) {
  judge_settings settings;
  settings.name = "test";
  settings.type = type;
  return settings;
}

/// Judges one answer text; fails the test if the judge cannot be made.
inline verdict judged_sample(const judge_settings& settings, const std::string& text,
                             const sample& item) {
  auto judge = evaluation::make_judge(settings);
  if (!judge) FAIL(render(judge.error()));
  answer reply;
  reply.text = text;
  return (*judge)->score(item, reply);
}

inline verdict judged(const judge_settings& settings, const std::string& text,
                      std::vector<std::string> targets, std::vector<std::string> choices = {}) {
  sample item;
  item.targets = std::move(targets);
  item.choices = std::move(choices);
  return judged_sample(settings, text, item);
}

inline verdict judged(const std::string& type, const std::string& text,
                      std::vector<std::string> targets, std::vector<std::string> choices = {}) {
  return judged(judge_of(type), text, std::move(targets), std::move(choices));
}

inline std::string problem_of(const judge_settings& settings) {
  auto judge = evaluation::make_judge(settings);
  return judge ? std::string() : render(judge.error());
}

}  // namespace assay::tests
