//! Watches of some elements of a vector.

use eigenstep::{
    Value,
    debugger::{Control, Session, watch::ExpectedType},
    error::{Source, Span},
    scenario::Scenario,
};

/// The bits of the value here of `text`: of all elements, and at some of them only.
fn values(session: &mut Session, text: &str, elements: &[usize]) -> [Vec<u64>; 2] {
    let source = Source::new("<test>", text);
    let whole = Span::new(0, text.len());
    let watch = session.watch(&source, whole, ExpectedType::Any).unwrap();
    let part = watch.at_elements(elements).unwrap();
    [watch, part].map(|mut watch| {
        let value = session.value(&mut watch, &mut Control::default());
        let Some(Value::Vector(values)) = value else {
            panic!("{text} is a vector");
        };
        values.iter().map(|value| value.to_bits()).collect()
    })
}

#[test]
fn a_vector_at_some_elements_is_what_it_is_among_all() {
    let eigenvalues: Vec<String> = (1..=300).map(|it| it.to_string()).collect();
    let eigenvalues = eigenvalues.join(",");
    let flags = [("eigenvalues", eigenvalues.as_str()), ("rule", "adam")];
    let mut session = Scenario::from_flags(&flags).unwrap().session().unwrap();
    let elements = [0, 3, 257, 299];
    for command in ["step 3", "next 2", "next 3", "back 2"] {
        let line = Source::new("<test>", command);
        session.execute(&line, &mut Control::default()).unwrap();
        for text in [
            "w",
            "eta/sqrt(s_hat + delta)",
            "w - prev(w)",
            "step*norm(m)",
            "where(m > 0, m, -prev(prev(s)))",
            "grad*t + last_change(loss < 1)",
            "alpha",
            "exp(-abs(g)) + w/max(w)",
        ] {
            let [all, some] = values(&mut session, text, &elements);
            let chosen: Vec<u64> = elements.iter().map(|at| all[*at]).collect();
            assert_eq!(some, chosen, "{text} after {command}");
        }
    }
}
