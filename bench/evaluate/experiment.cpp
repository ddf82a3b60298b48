#include "bench/evaluate/experiment.hpp"

#include <unistd.h>

#include <fstream>
#include <string>

namespace assay::bench {

namespace {

constexpr auto story =
    " Think of a shop that sold clips to its friends in April, and half as many in May; on Sunday "
    "it was closed, and what was left over went to the market, where nobody wanted it. How many "
    "clips did the shop sell altogether?";

void write_sums(const std::filesystem::path& path, int samples) {
  std::ofstream out(path);
  for (int i = 0; i < samples; ++i)
    out << "{\"id\":\"s" << i << "\",\"question\":\"Add " << i << " and " << i % 97 << '.' << story
        << "\",\"answer\":\"" << i + i % 97 << "\"}\n";
}

}  // namespace

scratch_folder::scratch_folder(const std::filesystem::path& parent)
    : path_(parent / ("assay-bench-evaluate-" + std::to_string(::getpid()))) {
  std::filesystem::create_directories(path_);
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path write_experiment(const std::filesystem::path& folder, const load& work) {
  write_sums(folder / "sums.jsonl", work.samples);
  auto path = folder / "experiment.toml";
  std::ofstream out(path);
  out << "ledger = \"ledger.db\"\n\n[providers.bench]\ndialect = \"openai\"\n"
      << "base_url = \"http://127.0.0.1:" << work.port << "/v1\"\n"
      << "max_parallel = " << work.in_flight << '\n';
  if (work.qps > 0) out << "qps = " << work.qps << "\nburst = " << work.burst << '\n';
  out << "\n[models.bench]\nprovider = \"bench\"\nmax_tokens = 256\ntemperature = 0\n"
      << "stream = " << (work.stream ? "true" : "false") << '\n'
      << "prices = { input = 0.5, output = 1.5 }\n\n"
      << "[datasets.sums]\npath = \"sums.jsonl\"\n"
      << "fields = { id = \"id\", input = \"question\", target = \"answer\" }\n\n"
      << "[experiments.bench]\ndatasets = [\"sums\"]\nmodels = [\"bench\"]\n"
      << "prompts = [\"baseline\"]\njudges = [\"gsm8k-flexible\"]\n";
  return path;
}

}  // namespace assay::bench
