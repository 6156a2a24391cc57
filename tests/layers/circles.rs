//! Circles of imports: files that reach one another by what they name.
//!
//! A name is followed through re-exports to the file that defines it. A re-export is not a use by itself; neither is
//! what tests name.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};

type Path = Vec<String>;

/// What a file defines, imports and names.
#[derive(Default)]
struct Source {
    defined: BTreeSet<String>,
    /// The paths of `use`, each with the name that it brings in: `*` for all.
    imports: Vec<(Path, String)>,
    /// Names and paths outside `use`.
    named: BTreeSet<Path>,
}

impl Source {
    fn of(text: &str) -> Self {
        let mut source = Self::default();
        source.scan(text.parse().unwrap());
        source
    }

    fn scan(&mut self, stream: TokenStream) {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = match &tokens[at] {
                TokenTree::Punct(it) if it.as_char() == '#' => after_attribute(&tokens, at),
                TokenTree::Ident(it) if it == "use" => self.import(&tokens, at + 1, &[]),
                TokenTree::Ident(it) if it == "pub" => {
                    at + 1
                        + usize::from(group(tokens.get(at + 1), Delimiter::Parenthesis).is_some())
                }
                TokenTree::Ident(_) => self.name(&tokens, at),
                TokenTree::Group(it) => {
                    self.scan(it.stream());
                    at + 1
                }
                _ => at + 1,
            };
        }
    }

    /// One path of a `use`, or several of them in braces; returns where it ends.
    fn import(&mut self, tokens: &[TokenTree], mut at: usize, before: &[String]) -> usize {
        let mut path = before.to_vec();
        let mut name = None;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                TokenTree::Ident(it) if it == "as" => {
                    name = tokens.get(at).map(ToString::to_string);
                    at += 1;
                }
                TokenTree::Ident(it) => path.push(it.to_string()),
                TokenTree::Punct(it) if it.as_char() == '*' => name = Some("*".to_owned()),
                TokenTree::Punct(it) if it.as_char() == ':' => {}
                TokenTree::Group(it) => {
                    let inner: Vec<TokenTree> = it.stream().into_iter().collect();
                    let mut from = 0;
                    while from < inner.len() {
                        from = self.import(&inner, from, &path);
                    }
                    // The comma or semicolon behind it.
                    return at + 1;
                }
                _ => break,
            }
        }
        if path.last().is_some_and(|it| it == "self") {
            path.pop();
        }
        if let Some(last) = path.last().cloned() {
            self.imports.push((path, name.unwrap_or(last)));
        }
        at
    }

    /// A definition, or a path.
    fn name(&mut self, tokens: &[TokenTree], mut at: usize) -> usize {
        const DEFINE: [&str; 8] = [
            "struct",
            "enum",
            "trait",
            "fn",
            "type",
            "const",
            "static",
            "macro_rules",
        ];
        let first = tokens[at].to_string();
        if DEFINE.contains(&first.as_str()) {
            let rest = tokens[at + 1..].iter().map(ToString::to_string);
            self.defined.extend(rest.skip_while(|it| it == "!").take(1));
            return at + 1;
        }
        let mut path = vec![first];
        while let [
            TokenTree::Punct(a),
            TokenTree::Punct(b),
            TokenTree::Ident(next),
            ..,
        ] = &tokens[at + 1..]
            && a.spacing() == Spacing::Joint
            && (a.as_char(), b.as_char()) == (':', ':')
        {
            path.push(next.to_string());
            at += 3;
        }
        self.named.insert(path);
        at + 1
    }

    /// The paths that are used, as they are written.
    fn used(&self) -> impl Iterator<Item = &Path> {
        let firsts: BTreeSet<&String> = self.named.iter().map(|path| &path[0]).collect();
        let imports = self.imports.iter();
        imports
            .filter(move |(_, name)| ["*", "_"].contains(&name.as_str()) || firsts.contains(name))
            .map(|(path, _)| path)
            .chain(self.named.iter().filter(|path| path.len() > 1))
    }
}

fn group(token: Option<&TokenTree>, delimiter: Delimiter) -> Option<TokenStream> {
    match token {
        Some(TokenTree::Group(it)) if it.delimiter() == delimiter => Some(it.stream()),
        _ => None,
    }
}

/// The token after an attribute, and after the module of tests that it may stand before.
fn after_attribute(tokens: &[TokenTree], at: usize) -> usize {
    let at = at + 1 + usize::from(!matches!(tokens.get(at + 1), Some(TokenTree::Group(_))));
    let is_test =
        group(tokens.get(at), Delimiter::Bracket).is_some_and(|it| it.to_string() == "cfg (test)");
    let is_module = tokens.get(at + 1).is_some_and(|it| it.to_string() == "mod");
    at + 1 + if is_test && is_module { 3 } else { 0 }
}

/// The files of a crate, each by the path of its module.
struct Files(BTreeMap<Path, Source>);

impl Files {
    /// A path as it is written in `module`, from the root of the crate.
    fn absolute(&self, module: &[String], path: &[String]) -> Option<Path> {
        let mut base = module.to_vec();
        let mut rest = path;
        match path[0].as_str() {
            "crate" => (base, rest) = (Path::new(), &path[1..]),
            "self" | "super" => {
                while let Some(first) = rest
                    .first()
                    .filter(|it| ["self", "super"].contains(&it.as_str()))
                {
                    if first == "super" {
                        base.pop()?;
                    }
                    rest = &rest[1..];
                }
            }
            child => {
                base.push(child.to_owned());
                return self.0.contains_key(&base).then(|| [module, path].concat());
            }
        }
        base.extend_from_slice(rest);
        Some(base)
    }

    /// The module of the file that defines what stands at `path`.
    fn defining(&self, path: &[String], depth: usize) -> Option<Path> {
        let (module, source, rest) = (0..=path.len())
            .rev()
            .find_map(|at| Some((&path[..at], self.0.get(&path[..at])?, &path[at..])))?;
        let Some(name) = rest
            .first()
            .filter(|it| depth > 0 && !source.defined.contains(*it))
        else {
            return Some(module.to_vec());
        };
        let found = source.imports.iter().find_map(|(from, imported)| {
            let is_all = imported == "*";
            if !is_all && imported != name {
                return None;
            }
            let mut path = self.absolute(module, from)?;
            path.extend(is_all.then(|| name.clone()));
            path.extend_from_slice(&rest[1..]);
            let found = self.defining(&path, depth - 1)?;
            (!is_all || self.0[&found].defined.contains(name)).then_some(found)
        });
        Some(found.unwrap_or_else(|| module.to_vec()))
    }

    /// The modules that each module uses, without the root of the crate.
    fn uses(&self) -> BTreeMap<&Path, BTreeSet<Path>> {
        let of = |module: &Path, source: &Source| {
            let paths = source.used().filter_map(|path| self.absolute(module, path));
            let found = paths.filter_map(|path| self.defining(&path, 8));
            found.filter(|it| it != module && !it.is_empty()).collect()
        };
        let files = self.0.iter().filter(|(module, _)| !module.is_empty());
        files
            .map(|(module, source)| (module, of(module, source)))
            .collect()
    }
}

/// All modules that `from` uses, and that they use.
fn reached<'a>(uses: &'a BTreeMap<&Path, BTreeSet<Path>>, from: &'a Path) -> BTreeSet<&'a Path> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        let next = uses.get(module).into_iter().flatten();
        open.extend(next.filter(|it| reached.insert(*it)));
    }
    reached
}

/// Each circle of more than `most` files: what each of its files uses of it, a line each.
pub fn circles(texts: impl IntoIterator<Item = (Path, String)>, most: usize) -> Vec<String> {
    let sources = texts
        .into_iter()
        .map(|(module, text)| (module, Source::of(&text)));
    let files = Files(sources.collect());
    let uses = files.uses();
    let reach: BTreeMap<&Path, BTreeSet<&Path>> =
        uses.keys().map(|it| (*it, reached(&uses, it))).collect();
    let circle = |of: &Path| -> BTreeSet<&Path> {
        let both = |it: &&&Path| reach.get(**it).is_some_and(|back| back.contains(of));
        reach[of].iter().filter(both).copied().collect()
    };
    let all: BTreeSet<BTreeSet<&Path>> = uses.keys().map(|it| circle(it)).collect();
    let large = all.into_iter().filter(|it| it.len() > most);
    let told = large.map(|circle| {
        let lines = circle.iter().map(|module| {
            let inside = uses[module].iter().filter(|it| circle.contains(it));
            let names: Vec<String> = inside.map(|it| it.join("::")).collect();
            format!("{} uses {}\n", module.join("::"), names.join(", "))
        });
        lines.collect()
    });
    told.collect()
}

#[test]
fn a_circle_is_seen_through_re_exports_groups_and_paths() {
    let crate_of = |last: &str| {
        let texts = [
            ("", "pub mod a; mod b; mod d; pub use a::A;"),
            (
                "a",
                "mod inner; pub use inner::{A, other as another}; use crate::b::{self, B};\nfn f() -> B { b::new() }",
            ),
            ("a::inner", "pub struct A;\npub fn other() { super::f(); }"),
            (
                "b",
                "pub struct B; pub fn new() -> B { crate::d::start(\"crate::c\") }",
            ),
            ("d", last),
        ];
        texts.map(|(module, text)| {
            let module = module
                .split("::")
                .filter(|it| !it.is_empty())
                .map(str::to_owned);
            (module.collect(), text.to_owned())
        })
    };
    let back = "#[doc = \"it\"] pub(in crate::b) fn start() { crate::a::another() }";
    assert_eq!(
        circles(crate_of(back), 1),
        ["a uses b\na::inner uses a\nb uses d\nd uses a::inner\n"]
    );
    assert!(circles(crate_of(back), 4).is_empty());
    for open in [
        "pub fn start() {}",
        "pub(crate) use crate::A; pub fn start() {}",
        "pub fn start() {} #[cfg(test)] mod tests { use crate::A; fn f(_: A) {} }",
        "pub fn start() {} // crate::A",
    ] {
        assert!(circles(crate_of(open), 1).is_empty(), "{open}");
    }
}
