#pragma once

/// The only place that knows the version of CAF (0.17.6 today). Signatures are written the 0.18
/// way; a later CAF is a change of this file. What each rule guards against: docs/actors.md.

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/all.hpp>
#include <caf/meta/type_name.hpp>
#include <cstring>
#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace assay {

namespace detail {
template <class Signature>
struct lower;
template <class... Out, class... In>
struct lower<caf::result<Out...>(In...)> {
  using type = typename caf::replies_to<In...>::template with<Out...>;
};
template <class... In>
struct lower<caf::result<void>(In...)> {
  using type = typename caf::replies_to<In...>::template with<void>;
};
}  // namespace detail

/// A typed actor handle: one `caf::result<Out>(In...)` per message.
template <class... Signatures>
using typed_actor = caf::typed_actor<typename detail::lower<Signatures>::type...>;

template <class Inspector>
using inspect_result = typename Inspector::result_type;

/// A double as its bit pattern: CAF 0.17 hangs on infinities and loses NaN (facts: #1107).
struct double_bits {
  double& value;
};
template <class Inspector>
inspect_result<Inspector> inspect(Inspector& f, double_bits& x) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &x.value, sizeof bits);
  if constexpr (Inspector::writes_state) {
    auto result = f(bits);
    std::memcpy(&x.value, &bits, sizeof bits);
    return result;
  } else {
    return f(bits);
  }
}

template <class T>
struct optional_field {
  std::optional<T>& value;
};

/// How a field travels: as itself, unless CAF 0.17 cannot carry its type safely.
template <class T>
T& on_the_wire(T& x) {
  return x;
}
inline double_bits on_the_wire(double& x) { return {x}; }
template <class T>
optional_field<T> on_the_wire(std::optional<T>& x) {
  return {x};
}

template <class Inspector, class T>
inspect_result<Inspector> inspect(Inspector& f, optional_field<T>& x) {
  bool present = x.value.has_value();
  T value = x.value.value_or(T{});
  auto&& wire = on_the_wire(value);
  if constexpr (Inspector::writes_state) {
    auto result = f(present, wire);
    if (present)
      x.value = value;
    else
      x.value.reset();
    return result;
  } else {
    return f(present, wire);
  }
}

/// Describes an object to CAF: `return inspect_object(f, x, "task", x.key, x.epoch);`
template <class Inspector, class T, class... Fields>
inspect_result<Inspector> inspect_object(Inspector& f, T&, const char* name, Fields&... fields) {
  return [&](auto&&... wire) {
    return f(caf::meta::type_name(name), wire...);
  }(on_the_wire(fields)...);
}

/// The state of a stateful actor (1.x: a function, before that a member).
template <class Self>
auto& state_of(Self* self) {
  return self->state;
}

/// Turns an exception that leaves a handler into the actor's exit reason, with its text; without
/// this CAF prints to stdout.
template <class Self>
void contain_exceptions(Self* self) {
  self->set_exception_handler([](std::exception_ptr& thrown) -> caf::error {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      return caf::make_error(caf::sec::runtime_error, std::string{e.what()});
    } catch (...) {
      return caf::make_error(caf::sec::runtime_error, std::string{"unknown exception"});
    }
  });
}

/// What every spawn function does: configure the state and give its behavior.
template <class Self, class... Config>
auto begin_actor(Self* self, Config&&... config) {
  contain_exceptions(self);
  auto& state = state_of(self);
  if constexpr (sizeof...(Config) > 0) state.configure(std::forward<Config>(config)...);
  return state.make_behavior();
}

/// A time-out for `request`; keeps the message's priority, which a `std::chrono` one loses in 0.17.
template <class Rep, class Period>
auto within(std::chrono::duration<Rep, Period> d) {
  return caf::duration{d};
}

/// Sets what every actor system of assay needs, whether in real or in virtual time.
inline void configure(caf::actor_system_config& config, bool virtual_time, std::size_t threads) {
  config.set("scheduler.max-throughput", std::size_t{50});
  config.set("scheduler.max-threads", threads);
  config.set("scheduler.policy", caf::atom(virtual_time ? "testing" : "sharing"));
}

}  // namespace assay
