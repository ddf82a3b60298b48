#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/agreement.hpp"
#include "app/report/setup.hpp"
#include "storage/ledger.hpp"

/// How the judges that ask models graded (docs/model_judges.md).
namespace assay::report {

/// One model of a panel.
struct grader_summary {
  std::string model;
  std::size_t grades = 0;
  std::size_t unread = 0;  ///< asked as often as allowed, and never gave a grade
  std::size_t failed = 0;  ///< its calls ended in error
  std::size_t calls = 0;   ///< exchanges of this run, failed or not
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  usd cost;
};

/// Cohen's kappa of two models of a panel.
struct pair_agreement {
  std::string one, other;
  std::optional<double> kappa;
};

struct panel_summary {
  std::string judge;
  std::string type;
  std::size_t verdicts = 0;
  std::size_t unscored = 0;
  std::vector<grader_summary> graders;
  std::optional<double> alpha;  ///< Krippendorff's, of the panel
  std::vector<pair_agreement> pairs;
  std::size_t compared = 0;      ///< pairwise: grades of one model in both orders
  std::size_t inconsistent = 0;  ///< of these, the ones that depend on the order

  std::size_t calls() const;
  usd cost() const;
};

/// Gathers what the panels of a run said and cost.
class panel_figures {
 public:
  /// Judges that ask no models are left out.
  explicit panel_figures(const std::vector<judge_setup>&);

  /// Names of the judges that verdicts are wanted of.
  std::vector<std::string> judges() const;
  void add(const verdict&);
  /// A call of a judge named in the row, or any other.
  void add(const storage::attempt_row&);
  std::vector<panel_summary> panels() const;

 private:
  struct gathered {
    panel_summary figures;
    std::vector<analysis::ratings> units;
  };

  void add_codes(gathered&, const std::vector<std::string>& codes);

  std::map<std::string, gathered> panels_;
};

/// The mode of a call that a judge makes, in the cells of the ledger.
inline constexpr std::string_view judge_mode = "judge";

}  // namespace assay::report
