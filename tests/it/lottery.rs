//! The release lottery: what is drawn once a trial, the mixes that come with rollsim, and what a
//! scenario says of several strategies.

use std::path::Path;

use rollsim::{
    fault::{EffectSpec, SeveritySpec, TriggerSpec},
    kernel::Seed,
    model::{EstimateName, Measure, ScopeSpec, Statistic},
    scenario::{Plan, ReleaseSpec, Scenario, load_text, plan_of, to_yaml},
    sim,
};

use crate::trials::plan;

/// A bot with everything that a preset may need.
const BOT: &str = "title: a bot
length: 1h
fleet: {memory: {base: 100MiB, limit: 612MiB}, errors: 0.5%}
users: {attributes: {region: {eu: 60%, us: 40%}}}
operations:
  search: {share: 70%, database: {constant: 5ms}}
  order: {share: 30%}
strategy: {canary: {analysis: none}}
strategies: {flag: {feature_flag: {analysis: none}}}
";

fn bot(more: &str) -> Plan {
    plan(&format!("{BOT}{more}"))
}

#[track_caller]
fn release<'p>(plan: &'p Plan, class: &str) -> &'p ReleaseSpec {
    &plan.releases[plan.lottery.as_ref().unwrap().class(class).unwrap().release]
}

#[track_caller]
fn chance(plan: &Plan, class: &str) -> f64 {
    plan.lottery.as_ref().unwrap().class(class).map_or(0.0, |it| it.chance)
}

#[track_caller]
fn close(got: f64, wanted: f64) {
    assert!((got - wanted).abs() < 1e-12, "{got}, not {wanted}");
}

/// What the timeline says of how a fault was drawn: percent of its full strength.
fn severity(plan: &Plan, seed: Seed) -> f64 {
    let outcome = sim::run(plan, seed);
    let told = outcome.timeline.iter().find_map(|it| it.cause.strip_prefix("severity "));
    told.unwrap().split(' ').next().unwrap().parse().unwrap()
}

/// `P(S < s) = ln(s / from) / ln(to / from)`, and a quarter of a uniform draw lies in each quarter.
#[test]
fn severities_follow_their_distribution() {
    const TRIALS: u64 = 2_000;
    let below = |spec: &str, limits: &[(f64, f64)]| {
        let text = format!(
            "title: drawn
length: 1s
traffic: {{rate: 1/h}}
incidents: [{{effect: {{errors: {{rate: 10%}}}}, severity: {spec}}}]
strategy: {{rolling: {{}}}}
rollout_at: 1s
"
        );
        let plan = plan(&text);
        let drawn: Vec<f64> =
            (0..TRIALS).map(|it| severity(&plan, Seed::DEFAULT.replication(it))).collect();
        for &(limit, probability) in limits {
            let part = drawn.iter().filter(|it| **it < limit).count() as f64 / TRIALS as f64;
            let error = (probability * (1.0 - probability) / TRIALS as f64).sqrt();
            assert!((part - probability).abs() < 4.0 * error, "{spec} below {limit}: {part}");
        }
    };
    // percent, told to three digits, so that limits lie between two of them
    let orders = [(4.999, 0.349_48), (9.95, 0.498_91), (31.65, 0.750_18)];
    below("{log_uniform: {from: 1%, to: 100%}}", &orders);
    below("{uniform: {from: 20%, to: 60%}}", &[(29.95, 0.248_75), (39.95, 0.498_75)]);
}

#[test]
fn a_preset_is_fitted_to_the_bot() {
    let plan = bot("releases: {preset: typical}\n");
    let lottery = plan.lottery.as_ref().unwrap();
    let total: f64 = lottery.classes.iter().map(|it| it.chance).sum();
    close(total, 1.0);
    close(chance(&plan, "good"), 0.9);
    close(chance(&plan, "hard errors"), 0.02);
    close(chance(&plan, "slow leak"), 0.007);
    close(chance(&plan, "bad migration") + chance(&plan, "mixed versions"), 0.005);
    assert_eq!(lottery.classes[0].name, "good");
    assert!(lottery.classes[0].good && lottery.classes[1..].iter().all(|it| !it.good));
    assert!(lottery.classes.len() <= 11);
    // 512 MiB are left: at most 1 GiB an hour, a 48th of it at the slowest
    let leak = &release(&plan, "slow leak").defects[0];
    let EffectSpec::Leak(effect) = &leak.effect else { panic!("a leak") };
    assert_eq!(effect.per_hour.to_string(), "1GiB");
    let Some(SeveritySpec::LogUniform { from, .. }) = leak.severity else { panic!("drawn") };
    close(from.get(), 1.0 / 48.0);
    // four times the 0.5 % of a normal day come on top at most
    let EffectSpec::Errors(errors) = release(&plan, "subtle errors").defects[0].effect else {
        panic!("errors")
    };
    close(errors.rate.get(), 0.02);
    let migration = release(&plan, "bad migration").migration.unwrap();
    assert!(!migration.reversible && migration.breaks_old.is_one());
}

#[test]
fn errors_in_one_part_hit_a_tenth_of_the_traffic_at_most() {
    let plan = bot("releases: {preset: elite}\n");
    let defect = &release(&plan, "errors in one part").defects[0];
    // two operations, two regions; the one zone is no part
    assert_eq!(defect.scope_one_of.len(), 4);
    let Some(SeveritySpec::LogUniform { from, to }) = defect.severity else { panic!("drawn") };
    // the mean part is a half: 2 to 20 % of it are 1 to 10 % of all
    close(from.get(), 0.02);
    close(to.get(), 0.2);
    let plain = crate::trials::plan(
        "title: plain\nlength: 1h\nreleases: {preset: elite}\nstrategy: {rolling: {}}\n",
    );
    let defect = &release(&plain, "errors in one part").defects[0];
    assert_eq!((&defect.scope, defect.scope_one_of.len()), (&ScopeSpec::default(), 0));
}

#[test]
fn what_a_bot_cannot_suffer_goes_to_the_other_classes_and_is_told() {
    let text = "title: bare\nlength: 1h\nreleases: {preset: struggling}\nstrategy: {rolling: {}}\n";
    let bare = plan(text);
    close(chance(&bare, "good"), 0.8);
    close(chance(&bare, "slow leak") + chance(&bare, "bad migration"), 0.0);
    // 20 of the 88 parts that are left
    close(chance(&bare, "hard errors"), 0.2 * 20.0 / 88.0);
    let told = bare.lottery.unwrap().assumptions.join("\n");
    for part in ["`struggling`", "20 %", "DORA", "judgement", "fleet.memory", "database"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let own = "releases: {classes: {a: {chance: 1%, defects: [{effect: {crash: {}}}]}}}\n";
    assert!(bot(own).lottery.unwrap().assumptions.is_empty());
}

#[test]
fn code_hides_behind_the_flag_where_there_is_one_and_what_is_no_code_does_not() {
    let behind = |plan: &Plan, class: &str| {
        release(plan, class).defects[0].scopes().iter().all(|it| it.feature)
    };
    let plan = bot("releases: {preset: typical}\n");
    for class in ["hard errors", "subtle errors", "slow answers", "errors in one part"] {
        assert!(behind(&plan, class), "{class}");
    }
    let open = ["crash loop", "does not start", "slow leak", "bad migration", "breaks under load"];
    for class in open {
        assert!(!behind(&plan, class), "{class}");
    }
    assert!(!behind(&bot("releases: {preset: typical, behind_flag: false}\n"), "hard errors"));
    let without = BOT.replace("strategies: {flag: {feature_flag: {analysis: none}}}\n", "");
    let without = crate::trials::plan(&format!("{without}releases: {{preset: typical}}\n"));
    assert!(!behind(&without, "hard errors"));
}

#[test]
fn own_classes_replace_add_and_are_scaled() {
    let own = "releases:
  preset: typical
  classes:
    slow leak: {chance: 0%}
    hard errors: {chance: 10%, defects: [{effect: {errors: {rate: 9%}}}]}
    search API breaks: {chance: 2%, defects: [{scope: {operation: search}, effect: {errors: {rate: 50%}}}]}
";
    let plan = bot(own);
    close(chance(&plan, "slow leak"), 0.0);
    close(chance(&plan, "hard errors"), 0.1);
    close(chance(&plan, "good"), 1.0 - (0.1 - 0.02 - 0.007 + 0.1 + 0.02));
    assert_eq!(release(&plan, "hard errors").defects[0].when, TriggerSpec::Start);
    let scaled = bot(&own.replace("preset: typical", "preset: typical\n  bad: 38.6%"));
    close(chance(&scaled, "good"), 0.614);
    close(chance(&scaled, "hard errors"), 0.2);
}

#[test]
fn a_release_keeps_its_migration_and_loses_its_defects_unless_the_class_says_so() {
    let more = "release:
  from: 2.0.0
  migration: {duration: 3m}
  defects: [{effect: {crash: {}}}]
releases: {classes: {a: {chance: 1%, defects: [{effect: {hang: {}}}]}, b: {chance: 1%, migration: {duration: 9m}}}}
";
    let plan = bot(more);
    assert_eq!(plan.releases[0], plan.scenario.release);
    let of = |class: &str| {
        let it = release(&plan, class);
        (it.from.as_str(), it.migration.unwrap().duration.to_string(), it.defects.len())
    };
    assert_eq!(of("good"), ("2.0.0", "3m".to_owned(), 0));
    assert_eq!(of("a"), ("2.0.0", "3m".to_owned(), 1));
    assert_eq!(of("b"), ("2.0.0", "9m".to_owned(), 0));
}

#[test]
fn a_lottery_written_out_reads_back_as_the_same_lottery() {
    let plan = bot("releases: {preset: typical, bad: 30%}\n");
    let printed = to_yaml(&serde_json::to_value(plan.spelled_out()).unwrap());
    let again = crate::trials::plan(&printed);
    let (one, other) = (plan.lottery.unwrap(), again.lottery.unwrap());
    assert_eq!(one.classes.len(), other.classes.len());
    for (one, other) in one.classes.iter().zip(&other.classes) {
        assert_eq!((&one.name, one.release), (&other.name, other.release));
        assert!((one.chance - other.chance).abs() < 1e-9, "{}", one.name);
    }
    // a percentage is printed to twelve digits
    let severities = |it: &[ReleaseSpec]| it.iter().map(|it| it.defects.len()).collect::<Vec<_>>();
    assert_eq!(severities(&plan.releases), severities(&again.releases));
}

#[test]
fn a_draw_falls_on_each_class_as_often_as_its_chance_says() {
    let lottery = bot("releases: {preset: struggling}\n").lottery.unwrap();
    for class in &lottery.classes {
        let drawn = (0..100_000).map(|it| (f64::from(it) + 0.5) / 1e5);
        let part = drawn.filter(|it| lottery.draw(*it).name == class.name).count() as f64 / 1e5;
        assert!((part - class.chance).abs() < 2e-5, "{}: {part}", class.name);
    }
    assert_eq!(lottery.draw(1.0).name, lottery.classes.last().unwrap().name);
}

#[test]
fn another_strategy_or_release_is_played_without_the_expectations_of_the_first() {
    let more = "releases: {preset: typical}
expect: {users_hurt: 0, flag: {users_hurt_p95: \"< 500\", escaped: \"< 5%\"}}
";
    let plan = bot(more);
    let names: Vec<&str> = plan.scenario.strategies().iter().map(|it| it.0).collect();
    assert_eq!(names, ["canary", "flag"]);
    let wanted: Vec<EstimateName> = plan.estimates["flag"].keys().copied().collect();
    let expected = [EstimateName::Of(Measure::users_hurt, Statistic::P95), EstimateName::Escaped];
    assert_eq!(wanted, expected);
    assert_eq!(plan.with_strategy(&plan.scenario.strategy).scenario.expect.conditions().len(), 1);
    let flag = plan.with_strategy(&plan.scenario.strategies["flag"]);
    assert_eq!(flag.scenario.strategy.name(), "feature_flag");
    assert_eq!(flag.scenario.expect.conditions().len(), 0);
    assert_eq!(flag.scenario.expect.strategies.len(), 1);
    let leak = plan.lottery.as_ref().unwrap().class("slow leak").unwrap().release;
    let leaks = plan.with_release(leak);
    assert_eq!(leaks.scenario.release, plan.releases[leak]);
    let seed = Seed::DEFAULT;
    let shipped = sim::Trial::new(&plan, seed).release(leak).run();
    assert_eq!(
        serde_json::to_vec(&sim::run(&leaks, seed)).unwrap(),
        serde_json::to_vec(&shipped).unwrap(),
    );
}

/// Of the right shape, and wrong all the same.
const SENSE: &str = "title: bad sense
length: 1h
releases:
  classes:
    good: {chance: 2%, defects: [{effect: {crash: {}}}]}
    nothing: {chance: 5%}
    a name that goes on and on and on and on and on: {chance: 1%, defects: [{effect: {hang: {}}}]}
    drawn:
      chance: 99%
      defects:
        - {scope: {zone: zone-1}, scope_one_of: [{zone: moon}, {feature: true}], effect: {errors: {rate: 9%}}}
        - {when: {age_between: {from: 2h, to: 1h}}, effect: {errors: {rate: 9%}}, severity: {is: 0%}}
        - {when: {age_between: {from: 0s, to: 1h}}, effect: {hang: {}}}
        - {effect: {errors: {rate: 9%}}, severity: {log_uniform: {from: 0%, to: 50%}}}
        - {effect: {errors: {rate: 9%}}, severity: {uniform: {from: 5%, to: 1%}}}
strategy: {canary: {analysis: none}}
strategies:
  canary: {rolling: {}}
  pages: {rolling: {}}
  typo: {canary: {analysis: none, by: {attributes: [{tier: beta}]}}}
expect:
  canari: {users_hurt_p95: \"< 500\"}
  canary: {users_hurt: \"< 500\", cost_mean: \"< 5%\", fales_rollback: \"< 1%\", escaped: \"< 5\"}
";

/// Of the wrong shape.
const SHAPE: &str = "title: bad shape
length: 1h
releases: {preset: tipical, bad: 120%, classes: {a: {chnce: 1%}}}
strategy: {canary: {analysis: none}}
strategies: {fast: {canari: {}}}
cost: {profile: hoby, hurt_user: -1, page: cheap, currency: far too long}
expect: {users_hrt: 0, canary: {users_hurt_p95: 1 apple}}
";

/// What is said of a scenario, with the lines that it is said of.
fn told(text: &str) -> String {
    let mut out = String::new();
    let problems = match load_text::<Scenario>("file.yaml", text) {
        Err(problems) => problems.iter().cloned().collect(),
        Ok(loaded) => {
            let (_, problems) = plan_of("file", loaded.value.clone(), Path::new("."));
            let place = |it: rollsim::scenario::Problem| {
                let location = loaded.locate(&it.path);
                it.at(location)
            };
            problems.into_iter().map(place).collect::<Vec<_>>()
        }
    };
    for it in problems {
        let line = it.location.map_or(0, |it| it.line);
        out.extend([format!("{line}: {} [{}]\n", it.message, it.path)]);
        out.extend(it.allowed.map(|it| format!("    allowed: {it}\n")));
        out.extend(it.hint.map(|it| format!("    hint: {it}\n")));
    }
    out
}

/// Every problem of a lottery, of prices, strategies and estimates, in the order of the lines.
#[test]
fn every_fault_of_a_comparison_has_its_words() {
    let empty =
        "title: empty\nlength: 1h\nreleases: {bad: 5%}\nstrategy: {canary: {analysis: none}}\n";
    let strong = "incidents: [{effect: {hang: {}}, severity: {}}, {when: {age_between: 5m}, effect: {crash: {}}}]\n";
    let strong = format!("title: strong\nlength: 1h\n{strong}strategy: {{rolling: {{}}}}\n");
    let all = [SENSE, SHAPE, empty, &strong].map(told).join("\n");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("comparison", all));
}
