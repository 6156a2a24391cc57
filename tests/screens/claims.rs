//! The screen claims of a run what `info claims` does.

use super::stage::{drawn, plain_app, text, typed};
use eigenstep::{
    analysis::{
        ClaimKind,
        claim::{self, Claim, Verdict},
    },
    debugger::Control,
};

const SIZE: (u16, u16) = (200, 60);

/// Holds the words of the screen against the claims at the same moment.
fn examine(flags: &[&str], script: &str) -> String {
    let mut app = plain_app(flags);
    drawn(&mut app, SIZE);
    typed(&mut app, script);
    let screen = text(&drawn(&mut app, SIZE));
    let table = app.session.claims(&mut Control::default());
    let claims = table.unwrap().claims;
    let of = |kind: ClaimKind| claims.iter().find(|it| it.kind == kind);
    let told = |what: &str| format!("{flags:?} {script}: {what}: {claims:?}\n{screen}");
    let verdict = of(ClaimKind::Stable).map(|it| it.verdict);
    let title = screen.lines().find(|line| line.contains("eigen  edge"));
    if let (Some(title), Some(verdict)) = (title, verdict) {
        let fails = verdict == Verdict::Fails;
        assert_eq!(title.contains(": unstable"), fails, "{}", told("edge"));
    }
    if screen.contains("theory") {
        let is_exact = of(ClaimKind::Exact).is_some_and(Claim::holds);
        assert_eq!(!screen.contains("~theory"), is_exact, "{}", told("theory"));
    }
    let news = claim::news(&claims);
    let runs = !screen.contains("the run has ended") && !screen.contains("nothing has run yet");
    assert!(!runs || screen.contains(&news), "{}", told(&news));
    for (word, kind) in [
        ("converged", ClaimKind::Converged),
        ("settled", ClaimKind::Settled),
        ("diverges", ClaimKind::Diverged),
    ] {
        let claimed = of(kind).is_some_and(|it| it.verdict != Verdict::Fails);
        assert!(!screen.contains(word) || claimed, "{}", told(word));
    }
    news
}

#[test]
fn the_screen_claims_what_info_claims() {
    for (rule, step) in [
        ("rule=gd", "set=eta=eta_opt"),
        ("rule=gd", "set=eta=1.01*eta_max"),
        ("rule=momentum", "set=eta=0.175*eta_opt"),
        ("rule=adam", "set=eta=eta_opt"),
        ("rule=rmsprop", "set=eta=eta_opt"),
        ("rule=torch/sgd", "set=lr=0.01"),
    ] {
        for place in [
            &[][..],
            &["rotate=30"],
            &["noise=0.1"],
            &["loss=x^2 + y^4 + 0.1*x*y", "start=1,1"],
            &["loss=x^2 - y^2", "start=1,0.1"],
        ] {
            let flags: Vec<&str> = [&[rule][..], place, &[step]].concat();
            // Where there is no eta_opt, another step.
            let is_curved = place.iter().any(|it| it.starts_with("loss"));
            let flags: Vec<&str> = if is_curved && step.contains("eta_") {
                flags[..flags.len() - 1].to_vec()
            } else {
                flags
            };
            for script in ["t", "t3n", "t100n", "t900n"] {
                examine(&flags, script);
            }
        }
    }
    let rests = examine(&["rule=rmsprop", "set=eta=eta_opt"], "500n");
    assert_eq!(rests, "converged, settled: unknown, not stable");
    assert_eq!(
        examine(&["rule=gd", "set=eta=eta_opt"], "500n"),
        "converged, settled"
    );
}
