//! Scenarios around one device: layers in host memory, and life on a battery.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::sandbox::Sandbox;

/// Runs a shipped scenario and returns its results and what it complained about.
fn run(name: &str) -> (Value, String) {
    let sandbox = Sandbox::new().with_shipped(name);
    let transcript = sandbox.transcript(&["run", &format!("scenarios/{name}.yaml")]);
    let text = sandbox.read(&format!("reports/{name}/results.json"));
    (serde_json::from_str(&text).expect("JSON"), transcript)
}

fn points(document: &Value) -> &Vec<Value> {
    document["points"].as_array().expect("a list")
}

/// The predicted number of a column, where the point has it.
fn number(point: &Value, column: &str) -> Option<f64> {
    point["metrics"][column][0]["value"].as_f64()
}

fn has_note(point: &Value, note: &str) -> bool {
    let notes = point["notes"].as_array().expect("a list");
    notes.iter().any(|one| one == note)
}

#[test]
fn layers_on_the_host_are_slower_and_free_the_card() {
    let (document, transcript) = run("offload");
    let points = points(&document);
    assert_eq!(points.len(), 36, "{transcript}");
    let mut by_speed: BTreeMap<String, Vec<(i64, &Value)>> = BTreeMap::new();
    for point in points {
        let axes = &point["axes"];
        if axes["model"] == "llama70b" {
            let speed = axes["hardware.host.memory.speed"].to_string();
            let layers = axes["runtime.n_gpu_layers"].as_i64().expect("a count");
            by_speed.entry(speed).or_default().push((layers, point));
        }
    }
    assert_eq!(by_speed.len(), 3);
    for rows in by_speed.values_mut() {
        rows.sort_by_key(|(layers, _)| *layers);
        assert_eq!(rows[0].1["bound"]["decode"], "host");
        for pair in rows.windows(2) {
            let column = |place: usize, column| number(pair[place].1, column);
            assert!(column(1, "memory_weights") > column(0, "memory_weights"));
            match (column(0, "mean_tpot"), column(1, "mean_tpot")) {
                (Some(fewer), Some(more)) => assert!(more < fewer, "{more} {fewer}"),
                (Some(_) | None, None) => {
                    assert!(has_note(pair[1].1, "does-not-fit"), "{:?}", pair[1].0);
                }
                (None, Some(_)) => panic!("more layers fit where fewer do not"),
            }
        }
    }
    let all_on_host: Vec<f64> = by_speed
        .values()
        .map(|rows| number(rows[0].1, "mean_tpot").expect("the card is empty"))
        .collect();
    assert!(
        all_on_host.windows(2).all(|pair| pair[1] < pair[0]),
        "faster memory, faster tokens: {all_on_host:?}"
    );
    let assumed = document["assumptions"].as_array().expect("a list");
    assert!(
        assumed
            .iter()
            .any(|one| one["path"] == "runtime.n_gpu_layers" && one["basis"] == "assumed"),
        "what is taken is said"
    );
}

#[test]
fn experts_on_the_host_are_slower() {
    let (document, _) = run("offload");
    let mut found: Vec<(i64, Option<f64>)> = points(&document)
        .iter()
        .filter(|point| point["axes"]["model"] == "moe")
        .map(|point| {
            let count = &point["axes"]["runtime.n_cpu_moe"];
            (count.as_i64().expect("a count"), number(point, "mean_tpot"))
        })
        .collect();
    found.sort_by_key(|(count, _)| *count);
    let counts: Vec<i64> = found.iter().map(|(count, _)| *count).collect();
    assert_eq!(counts, [20, 28, 36]);
    let (some, all) = (found[1].1, found[2].1.expect("no expert is on the card"));
    assert!(some.is_none_or(|some| some < all), "{found:?}");
}

#[test]
fn a_charge_lasts_longer_where_less_is_read() {
    let (document, transcript) = run("edge-battery");
    let points = points(&document);
    assert_eq!(points.len(), 12, "{transcript}");
    assert_eq!(
        transcript
            .matches("`energy.thermal` does not change predictions")
            .count(),
        1,
        "{transcript}"
    );
    // 50 Wh × 85 % × 92 % × 80 %, of which 3.2 W go to screen, radio and camera.
    let usable = 50.0 * 3600.0 * 0.85 * 0.92 * 0.8;
    let mut lives: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut paces: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let (fitting, others): (Vec<&Value>, Vec<&Value>) = points
        .iter()
        .partition(|point| !has_note(point, "does-not-fit"));
    for point in &others {
        assert_eq!(number(point, "battery_life"), None, "nothing runs");
        assert_eq!(point["axes"]["precision"], "q8_0");
    }
    assert_eq!((fitting.len(), others.len()), (9, 3));
    for point in fitting {
        let life = number(point, "battery_life").expect("power is known");
        assert!(life > 3600.0 && life < usable / 3.2, "{life}");
        let requests = number(point, "requests_per_charge").expect("a duty is stated");
        let latency = number(point, "mean_e2el").expect("it fits");
        let rate = (40.0 / 3600.0_f64).min(1.0 / latency);
        assert!((requests / (life * rate) - 1.0).abs() < 1e-9, "{requests}");
        let verdict = &point["verdicts"]["shift"][0]["verdict"];
        assert_ne!(verdict, "pass", "throttling is not known");
        let axes = &point["axes"];
        let key = format!("{} {}", axes["model"], axes["hardware"]);
        paces
            .entry(key.clone())
            .or_default()
            .push(number(point, "mean_tpot").expect("it fits"));
        lives.entry(key).or_default().push(life);
    }
    lives.retain(|_, lives| lives.len() == 2);
    assert_eq!(lives.len(), 3, "the small model fits in both formats");
    for (key, lives) in lives {
        let paces = &paces[&key];
        assert!(
            paces[0] < 0.8 * paces[1],
            "{key}: half the bytes take less time to read: {paces:?}"
        );
        // Formats are fitted apart, so that what they save may be within some hundredths of nothing.
        assert!(
            lives[0] > 0.97 * lives[1],
            "{key}: 4 bits outlast 8 bits: {lives:?}"
        );
    }
}
