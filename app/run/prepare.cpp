#include "app/run/prepare.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include "app/report/setup.hpp"
#include "app/run/accounts.hpp"
#include "app/run/conductors.hpp"
#include "app/run/judging.hpp"
#include "app/run/open_batches.hpp"
#include "app/run/stopping.hpp"
#include "app/run/stored_verdicts.hpp"
#include "evaluation/graders/model_judge.hpp"
#include "providers/catalog/cost.hpp"

namespace assay::app {

namespace {

/// The conductor that holds the run's samples; null if they take one call each.
const actors::conductor_config* mode_of(const prepared_run& run) {
  auto found = std::find_if(run.conductors.begin(), run.conductors.end(),
                            [](const auto& c) { return !c.judges(); });
  return found == run.conductors.end() ? nullptr : &*found;
}

template <class T>
checked<T> one(const problem& p) {
  return tl::make_unexpected(std::vector<problem>{p});
}

expected<void> catch_up_verdicts(prepared_run& run, const time_anchor& anchor) {
  for (const auto& judge : run.judges) {
    auto judged = judge_stored(*run.ledger, run.info.id, judge.settings, *judge.rule, anchor);
    if (!judged) return tl::make_unexpected(judged.error());
  }
  return {};
}

/// Answers that are paid for must not be forgotten by a change of the file.
expected<void> check_open(const prepared_run& run, const actors::held_batch& held) {
  if (held.missing.empty()) return {};
  auto batch = "the run has a batch at provider " + held.row.provider + " that is not collected (" +
               (held.row.batch_id.empty() ? "it may not have arrived" : held.row.batch_id) + ")";
  if (run.experiment.delivery != delivery_mode::batch)
    return fail(run.experiment.declared_at, batch,
                "run once more with delivery = \"batch\" to collect it");
  auto serves = std::any_of(run.providers.begin(), run.providers.end(), [&](const auto& access) {
    return access->settings.name == held.row.provider;
  });
  if (!serves) return fail(run.experiment.declared_at, batch, "run once more with this provider");
  return {};
}

/// `max_tasks` bounds what is sent; what is in a batch already is sent.
expected<void> choose_what_to_do(prepared_run& run) {
  auto open = open_batches(*run.ledger, run.info.id);
  if (!open) return tl::make_unexpected(open.error());
  for (const auto& held : *open)
    if (auto ok = check_open(run, held); !ok) return ok;
  if (!run.experiment.max_tasks || run.missing.size() <= *run.experiment.max_tasks) return {};
  auto held = holders(*open, run.plan, run.missing);
  auto others = std::stable_partition(run.missing.begin(), run.missing.end(),
                                      [&](auto position) { return held.count(position) > 0; });
  auto rest = first_asked(run, {others, run.missing.end()}, *run.experiment.max_tasks);
  run.missing.erase(others, run.missing.end());
  run.missing.insert(run.missing.end(), rest.begin(), rest.end());
  std::sort(run.missing.begin(), run.missing.end());
  return {};
}

expected<void> open_in_ledger(prepared_run& run, const time_anchor& anchor) {
  auto opened = storage::open_ledger(run.ledger_path);
  if (!opened) return tl::make_unexpected(opened.error());
  run.ledger = std::move(*opened);
  if (run.term) run.ledger->obey(*run.term);

  storage::run_info wanted;
  wanted.experiment = run.experiment.name;
  wanted.fingerprint = run.plan.fingerprint();
  wanted.file = run.config.file;
  wanted.setup_json = report::to_json(report::make_setup(run.config, run.experiment));
  wanted.started_unix_ns = anchor.unix_ns(anchor.steady);
  auto crashed = ended_without_a_word(*run.ledger);
  if (!crashed) return tl::make_unexpected(crashed.error());
  run.after_a_crash = *crashed;
  auto info = run.ledger->open_run(wanted);
  if (!info) return tl::make_unexpected(info.error());
  run.info = std::move(*info);

  auto lock = run.ledger->lock_run(run.info.id);
  if (!lock) return tl::make_unexpected(lock.error());
  run.lock = std::move(*lock);

  auto accounts = lock_accounts(*run.ledger, run.providers);
  if (!accounts) return tl::make_unexpected(accounts.error());
  run.account_locks = std::move(*accounts);

  auto put = run.ledger->put_tasks(run.info.id, run.plan.size(),
                                   [&](std::size_t i) { return run.plan.make_task(i); });
  if (!put) return put;
  if (!mode_of(run)) {  // the answer to a request is no end of a sample of several calls
    auto copied = run.ledger->take_cached(run.info.id, run.experiment.cache, wanted.started_unix_ns,
                                          run.experiment.batching.max_items > 1);
    if (!copied) return tl::make_unexpected(copied.error());
    run.copied = *copied;
  }
  if (auto judged = catch_up_verdicts(run, anchor); !judged) return judged;

  auto owed = count_owed(*run.ledger, run.info.id, run.conductors);
  if (!owed) return tl::make_unexpected(owed.error());
  run.owed = *owed;

  auto missing = run.ledger->missing(run.info.id);
  if (!missing) return tl::make_unexpected(missing.error());
  auto left = still_wanted(*run.ledger, run, {missing->begin(), missing->end()});
  if (!left) return tl::make_unexpected(left.error());
  run.missing = std::move(*left);
  run.missing_in_all = run.missing.size();
  run.spared = missing->size() - run.missing_in_all;
  return choose_what_to_do(run);
}

}  // namespace

time_anchor anchor_now() {
  return {std::chrono::steady_clock::now(), std::chrono::system_clock::now()};
}

checked<std::vector<actors::judge_config>> make_judges(const settings& all,
                                                       const experiment_settings& experiment) {
  std::vector<actors::judge_config> judges;
  std::vector<problem> problems;
  for (const auto& name : experiment.judges) {
    const auto* declared = find_named(all.judges, name);
    if (evaluation::asks_models(declared->type)) continue;
    auto rule = evaluation::make_judge(*declared);
    auto files = evaluation::files_of(*declared);
    if (rule && files) {
      judges.push_back({.settings = *declared, .rule = std::move(*rule)});
      judges.back().files = std::move(*files);
    } else {
      problems.push_back(rule ? files.error() : rule.error());
    }
  }
  if (!problems.empty()) return tl::make_unexpected(std::move(problems));
  return judges;
}

checked<std::vector<actors::account_access_ptr>> open_accounts(
    const settings& all, const std::vector<std::string>& models, key_holder keys) {
  std::set<std::string> used;
  std::map<std::string, price_table> prices;
  for (const auto& name : models) {
    const auto* model = find_named(all.models, name);
    used.insert(model->providers.begin(), model->providers.end());
    used.insert(model->fallback.begin(), model->fallback.end());
    prices[name] = model->prices;
  }
  std::vector<actors::account_access_ptr> accounts;
  std::vector<problem> problems;
  for (const auto& name : used) {
    const auto* provider = find_named(all.providers, name);
    auto key = catalog::resolve(provider->credential, name);
    if (!key && keys == key_holder::this_process) {
      problems.push_back(key.error());
      continue;
    }
    actors::account_access access{*provider, dialects::find(provider->dialect),
                                  key ? *key : catalog::secret{}, prices};
    accounts.push_back(std::make_shared<const actors::account_access>(std::move(access)));
  }
  if (!problems.empty()) return tl::make_unexpected(std::move(problems));
  return accounts;
}

namespace {

/// Those that answer samples, and those that judges and modes ask.
std::vector<std::string> all_models(const experiment_settings& experiment,
                                    const std::vector<actors::conductor_config>& conductors) {
  auto models = experiment.models;
  for (const auto& c : conductors)
    for (auto& name : c.maker->models()) models.push_back(std::move(name));
  return models;
}

}  // namespace

checked<prepared_run> prepare(const settings& config, const experiment_settings& experiment,
                              const std::string& ledger_path, const time_anchor& anchor,
                              const run_manner& manner) {
  auto plan = evaluation::plan::make(config, experiment);
  if (!plan) return tl::make_unexpected(plan.error());
  auto judges = make_judges(config, experiment);
  if (!judges) return tl::make_unexpected(judges.error());
  auto conductors = make_conductors(config, experiment);
  if (!conductors) return tl::make_unexpected(conductors.error());
  auto accounts = open_accounts(config, all_models(experiment, *conductors), manner.keys);
  if (!accounts) return tl::make_unexpected(accounts.error());

  prepared_run run{.config = config, .experiment = experiment, .plan = std::move(*plan)};
  run.ledger_path = ledger_path;
  run.term = manner.term;
  run.providers = std::move(*accounts);
  run.judges = std::move(*judges);
  run.conductors = std::move(*conductors);
  if (auto ok = open_in_ledger(run, anchor); !ok) return one<prepared_run>(ok.error());
  return run;
}

namespace {

/// Tokens a second of a usual answer, to guess how long a class takes before any is measured.
constexpr double usual_tokens_per_second = 50;
constexpr double usual_output = 512;

/// Samples of several calls are held by the conductor of their mode, those of each model apart if
/// an order is to be kept; its calls are alike to providers or not as the scheduler meets them.
void add_mode(work& todo, const evaluation::plan& plan, bool ordered,
              const actors::conductor_config& mode) {
  auto index = std::make_shared<std::map<std::string, std::uint32_t>>();
  auto model_of = [plan, ordered](std::uint32_t position) {
    return ordered ? plan.cell_of(position).model : std::string{};
  };
  for (auto position : todo.positions)
    if (index->try_emplace(model_of(position), todo.classes.size()).second)
      todo.classes.push_back({model_of(position), {mode.purpose}, {}, route_policy::any_room, 0});
  todo.class_of = [index, model_of](std::uint32_t position) {
    return index->at(model_of(position));
  };
}

/// Tasks of one cell are alike to a provider: same model, same kind of question; where an order is
/// to be kept, those of one model. What a provider holds in a batch is for nobody else.
void add_classes(work& todo, const evaluation::plan& plan, bool ordered,
                 std::map<std::uint32_t, std::string> held) {
  using kind = std::pair<cell, std::string>;
  auto kind_of = [ordered](const cell& where) {
    cell alike;
    alike.model = where.model;
    return ordered ? alike : where;
  };
  auto holder_of = [held = std::move(held)](std::uint32_t position) {
    auto found = held.find(position);
    return found == held.end() ? std::string{} : found->second;
  };
  auto index = std::make_shared<std::map<kind, std::uint32_t>>();
  for (auto position : todo.positions) {
    const auto& where = plan.cell_of(position);
    auto holder = holder_of(position);
    if (!index->try_emplace({kind_of(where), holder}, todo.classes.size()).second) continue;
    const auto& model = plan.model_of(position);
    auto output =
        model.max_tokens ? std::min<double>(*model.max_tokens, usual_output) : usual_output;
    auto expected_s = output / usual_tokens_per_second;
    if (holder.empty())
      todo.classes.push_back(
          {where.model, model.providers, model.fallback, model.route, expected_s});
    else
      todo.classes.push_back({where.model, {holder}, {}, route_policy::any_room, expected_s});
  }
  todo.class_of = [plan, index, kind_of, holder_of](std::uint32_t position) {
    return index->at({kind_of(plan.cell_of(position)), holder_of(position)});
  };
}

/// Of tasks with equal requests only the first is sent; its answer serves the others. Of each model
/// apart if one may be asked no more while another is.
void add_equals(work& todo, const evaluation::plan& plan, bool by_model,
                const cache_settings& cache) {
  std::map<std::string, std::vector<std::uint32_t>> alike;
  for (auto position : todo.positions)
    alike[by_model ? plan.cell_of(position).model : ""].push_back(position);
  std::vector<evaluation::shared_request> shared;
  for (const auto& [model, positions] : alike)
    for (auto& s : plan.duplicates(positions, cache)) shared.push_back(std::move(s));
  if (shared.empty()) return;
  auto followers = std::make_shared<std::map<std::uint32_t, std::vector<std::uint32_t>>>();
  std::set<std::uint32_t> led;
  for (auto& s : shared) {
    led.insert(s.followers.begin(), s.followers.end());
    followers->emplace(s.leader, std::move(s.followers));
  }
  std::erase_if(todo.positions, [&](auto position) { return led.count(position) > 0; });
  todo.equals = [followers](std::uint32_t position) {
    auto found = followers->find(position);
    return found == followers->end() ? std::vector<std::uint32_t>{} : found->second;
  };
}

/// What a task costs at most, as a part of the price of a single call.
double price_part(const prepared_run& run) {
  if (run.experiment.delivery != delivery_mode::batch) return 1;
  double part = 0;
  for (const auto& access : run.providers)
    part = std::max(part, access->settings.batch.price_factor);
  return part;
}

}  // namespace

work_ptr make_work(const prepared_run& run, std::vector<std::uint32_t> positions,
                   const std::vector<actors::held_batch>& open) {
  const auto& experiment = run.experiment;
  auto todo = std::make_shared<work>();
  todo->run = run.info.id;
  todo->priority = experiment.priority;
  todo->weight = experiment.weight;
  todo->positions = std::move(positions);
  todo->make = [plan = run.plan](std::uint32_t i) { return plan.make_task(i); };
  if (const auto* mode = mode_of(run))
    add_mode(*todo, run.plan, experiment.stop_when.has_value(), *mode);
  else
    add_classes(*todo, run.plan, experiment.stop_when.has_value(),
                holders(open, run.plan, todo->positions));
  std::map<std::string, price_table> prices;
  for (const auto& model : run.config.models) prices[model.name] = model.prices;
  todo->ceiling = [prices, part = price_part(run)](const task& t) {
    auto price = prices.find(t.where.model);
    if (price == prices.end()) return usd{};
    return catalog::cost_ceiling(t.input_tokens, t.request.max_tokens.value_or(4096),
                                 price->second) *
           part;
  };
  add_equals(*todo, run.plan, experiment.stop_when.has_value(), experiment.cache);
  if (experiment.stop_when) put_in_order(*todo, run.plan);
  todo->spending = experiment.spending;
  for (const auto& access : run.providers)
    todo->account_spending[access->settings.name] = access->settings.spending;
  if (experiment.concurrency)
    todo->concurrency = static_cast<std::uint32_t>(*experiment.concurrency);
  auto of_models = std::count_if(run.conductors.begin(), run.conductors.end(),
                                 [](const auto& c) { return c.judges(); });
  todo->judges = static_cast<std::uint32_t>(run.judges.size() + of_models);
  todo->reserve = of_models > 0 ? experiment.judge_reserve : 0;
  return todo;
}

}  // namespace assay::app
