#include "bench/limits/suite_course.hpp"

#include <algorithm>
#include <cmath>

#include "actors/modelled_transport.hpp"
#include "analysis/shared_bound.hpp"
#include "bench/limits/virtual_run.hpp"

namespace assay::bench {

namespace {

/// A model of the suite and who may serve it.
struct suite_model {
  std::string name;
  std::vector<std::string> providers;
};

std::vector<suite_model> models_of(const std::vector<capacity>& accounts, const savings& with) {
  std::vector<std::string> all;
  for (const auto& a : accounts) all.push_back(a.name);
  std::vector<suite_model> models;
  for (const auto& a : accounts)
    for (std::size_t i = 1; i <= a.models; ++i)
      models.push_back({a.name + "-" + std::to_string(i),
                        with.anywhere ? all : std::vector<std::string>{a.name}});
  return models;
}

double call_s(const savings& with, std::size_t items) {
  return test_s + with.writing_s * static_cast<double>(items - 1);
}

task make_task(const suite_model& model, std::uint32_t position) {
  task t;
  t.key = hash_parts({"suite", std::to_string(position)});
  t.position = position;
  t.where = {"suite", model.name, "plain", "", "", "direct_answer"};
  t.request.model = model.name;
  t.request.messages = {{role::user, actors::modelled_text(10, position)}};
  t.request.max_tokens = 400;
  t.providers = model.providers;
  t.input_tokens = 10;
  return t;
}

/// The last `repeated` tests of a model ask what its first ones ask.
work_ptr make_work(const std::vector<suite_model>& models, const savings& with) {
  const auto asked = static_cast<std::uint32_t>(tests_a_model - with.repeated);
  auto w = std::make_shared<work>();
  for (std::uint32_t m = 0; m < models.size(); ++m) {
    w->classes.push_back({models[m].name, models[m].providers, {}, route_policy::any_room, test_s});
    for (std::uint32_t i = 0; i < asked; ++i) w->positions.push_back(m * tests_a_model + i);
  }
  w->class_of = [](std::uint32_t position) {
    return position / static_cast<std::uint32_t>(tests_a_model);
  };
  w->make = [models](std::uint32_t position) {
    return make_task(models[position / tests_a_model], position);
  };
  w->equals = [asked, with](std::uint32_t position) {
    const auto test = position % tests_a_model;
    return test < with.repeated ? std::vector<std::uint32_t>{position + asked}
                                : std::vector<std::uint32_t>{};
  };
  w->ceiling = [](const task&) { return usd{}; };
  return w;
}

actors::modelled_transport_config wire_of(const std::vector<capacity>& accounts,
                                          const savings& with) {
  actors::modelled_transport_config wire;
  for (const auto& a : accounts) wire.servers[a.name] = a.limits();
  wire.draw = [with](const actors::modelled_call& call, std::uint64_t) {
    const auto items = std::max<std::size_t>(1, call.items.size());
    actors::modelled_answer answer;
    answer.first_content = from_seconds(test_s - with.writing_s);
    answer.total = from_seconds(call_s(with, items));
    answer.input_tokens = call.input_tokens;
    answer.output_tokens = static_cast<std::int64_t>(100 * items);
    return answer;
  };
  return wire;
}

/// Calls of a model, all as full as they may be; those of all models are equally long but for the
/// last of each.
std::vector<analysis::served_task> calls_of_a_model(const savings& with) {
  std::vector<analysis::served_task> calls;
  const auto most = static_cast<std::size_t>(with.items);
  for (std::size_t left = tests_a_model - with.repeated; left > 0;) {
    const auto items = std::min(left, most);
    calls.push_back({.service_s = call_s(with, items)});
    left -= items;
  }
  return calls;
}

/// The bound of the limits; and where all calls are equally long, whole rounds.
double bound_of(const std::vector<capacity>& accounts, const std::vector<suite_model>& models,
                const savings& with) {
  const auto calls = calls_of_a_model(with);
  std::map<std::string, limit_settings> limits;
  std::vector<analysis::task_group> groups;
  for (const auto& a : accounts) limits[a.name] = a.limits();
  for (const auto& m : models) groups.push_back({{m.providers.begin(), m.providers.end()}, calls});
  auto least = analysis::shared_bound(limits, groups, std::nullopt).seconds;
  if (calls.front().service_s != calls.back().service_s) return least;
  const auto rounds = [&](std::size_t of_models, int places) {
    return std::ceil(static_cast<double>(of_models * calls.size()) / places) *
           calls.front().service_s;
  };
  int places = 0;
  for (const auto& a : accounts) {
    places += a.parallel;
    if (!with.anywhere) least = std::max(least, rounds(a.models, a.parallel));
  }
  return with.anywhere ? std::max(least, rounds(models.size(), places)) : least;
}

actors::account_access_ptr open_account(const capacity& a) {
  auto access = std::make_shared<actors::account_access>();
  access->settings.name = a.name;
  access->settings.limits = a.limits();
  access->dialect = &actors::modelled_dialect();
  return access;
}

actors::supervisor_config tree_of(const std::vector<capacity>& accounts, const savings& with,
                                  const std::shared_ptr<planning::tally>& sums) {
  auto tree = bare_tree(sums, 1);
  int places = 0;
  for (const auto& a : accounts) {
    tree.providers.push_back(open_account(a));
    places += a.parallel;
  }
  tree.batching = {with.items, places, milliseconds{0}};
  tree.spawn_transport = [wire = wire_of(accounts, with)](caf::local_actor& parent) {
    return parent.spawn(actors::modelled_transport, wire);
  };
  tree.missing = [models = models_of(accounts, with), with]() -> expected<work_ptr> {
    return make_work(models, with);
  };
  return tree;
}

}  // namespace

limit_settings capacity::limits() const {
  return {parallel,
          {{dimension::requests, per_second, milliseconds(1000), 1, limit_shape::bucket, "qps"}}};
}

suite_course play_suite(const std::vector<capacity>& accounts, const savings& with) {
  const auto models = models_of(accounts, with);
  auto sums = std::make_shared<planning::tally>();
  suite_course c{.with = with, .tests = models.size() * tests_a_model};
  const auto got =
      run_in_virtual_time([&](instant) { return tree_of(accounts, with, sums); }, sums, c.tests);
  c.bound_s = bound_of(accounts, models, with);
  c.makespan_s = got.makespan_s;
  c.finished = got.finished;
  for (const auto& p : sums->providers) {
    c.calls += p.exchanges;
    c.refused += p.rate_limited;
  }
  return c;
}

}  // namespace assay::bench
