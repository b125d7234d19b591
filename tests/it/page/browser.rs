//! Chromium without a window, for one page at a time, and never for longer than a limit.

use std::{
    env, fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::scratch;

/// Long enough for a busy machine; what takes longer is killed and fails.
const LIMIT: Duration = Duration::from_secs(120);

/// Milliseconds that the page's own clock may run; they pass as fast as the machine allows.
const PAGE_TIME: &str = "--virtual-time-budget=6000";

/// Collects what goes wrong in the page from its first moment on.
const LISTENER: &str = "<script>
window.problems = [];
window.addEventListener('error', (it) => problems.push(String(it.message)));
window.addEventListener('unhandledrejection', (it) => problems.push(String(it.reason)));
document.addEventListener('securitypolicyviolation', (it) => problems.push(it.violatedDirective));
console.error = (...it) => problems.push(it.join(' '));
</script>";

pub(super) struct Browser(PathBuf);

impl Browser {
    /// `CHROMIUM`, or what the path has.
    pub(super) fn find() -> Option<Self> {
        if let Some(path) = env::var_os("CHROMIUM") {
            return Some(Self(path.into()));
        }
        let path = env::var_os("PATH")?;
        let names = ["chromium", "chromium-browser"];
        let places = env::split_paths(&path).flat_map(|it| names.map(|name| it.join(name)));
        places.into_iter().find(|it| it.is_file()).map(Self)
    }

    fn run(&self, folder: &Path, arguments: &[&str]) -> (Vec<u8>, String) {
        let mut child = Command::new(&self.0)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
            .args(["--no-first-run", "--disable-extensions", "--disable-background-networking"])
            .args(["--enable-logging=stderr", "--hide-scrollbars"])
            .arg(format!("--user-data-dir={}", folder.join("profile").display()))
            .args(arguments)
            .arg(format!("file://{}", folder.join("page.html").display()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, receiver) = mpsc::channel();
        let streams: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for (index, mut stream) in streams.into_iter().enumerate() {
            let sender = sender.clone();
            thread::spawn(move || {
                let mut bytes = Vec::new();
                let _ = stream.read_to_end(&mut bytes);
                let _ = sender.send((index, bytes));
            });
        }
        let mut read = [Vec::new(), Vec::new()];
        for _ in 0..2 {
            let Ok((index, bytes)) = receiver.recv_timeout(LIMIT) else {
                let _ = child.kill();
                let _ = child.wait();
                panic!("the browser did not end within {LIMIT:?}");
            };
            read[index] = bytes;
        }
        child.wait().unwrap();
        let [out, talk] = read;
        (out, String::from_utf8_lossy(&talk).into_owned())
    }
}

/// A folder of its own with the page in it.
fn folder(name: &str, html: &str) -> PathBuf {
    let folder = scratch::folder(&format!("page-{name}"));
    fs::write(folder.join("page.html"), html).unwrap();
    folder
}

/// Runs a script in the page after all others: the body of an async function that returns what it
/// found. Adds what went wrong and how much the page asked for.
pub(super) fn probe(browser: &Browser, name: &str, html: &str, script: &str) -> Value {
    let html = html.replacen("<head>", &format!("<head>{LISTENER}"), 1);
    let probe = format!(
        "<script>
const wait = (time) => new Promise((done) => setTimeout(done, time));
const search = async () => {{ {script} }};
window.addEventListener('load', async () => {{
  let found = {{}};
  try {{ await wait(50); found = await search(); }} catch (it) {{ problems.push(String(it.stack)); }}
  const requests = performance.getEntriesByType('resource').length;
  const told = JSON.stringify({{ ...found, errors: problems, requests }});
  document.documentElement.setAttribute('data-probe', encodeURIComponent(told));
}});
</script></body>"
    );
    let (before, after) = html.rsplit_once("</body>").unwrap();
    let folder = folder(name, &[before, &probe, after].concat());
    let (dom, talk) = browser.run(&folder, &[PAGE_TIME, "--window-size=1280,1000", "--dump-dom"]);
    let console: Vec<&str> = talk.lines().filter(|it| it.contains("CONSOLE")).collect();
    assert!(console.is_empty(), "{console:?}");
    let dom = String::from_utf8(dom).unwrap();
    let told = dom.split("data-probe=\"").nth(1).unwrap_or_else(|| panic!("no answer: {talk}"));
    serde_json::from_str(&decoded(told.split('"').next().unwrap())).unwrap()
}

/// The page in a frame of this width, since a window may not be as narrow as a phone.
pub(super) fn framed(html: &str, width: u32) -> String {
    let text = html.replace('&', "&amp;").replace('"', "&quot;");
    format!(
        "<!doctype html><html><head></head><body>\
         <iframe style=\"border:0\" width=\"{width}\" height=\"800\" srcdoc=\"{text}\"></iframe>\
         </body></html>"
    )
}

pub(super) fn pdf(browser: &Browser, name: &str, html: &str) -> Vec<u8> {
    let folder = folder(name, html);
    let file = folder.join("page.pdf");
    let print = format!("--print-to-pdf={}", file.display());
    let (_, talk) = browser.run(&folder, &[PAGE_TIME, "--no-pdf-header-footer", &print]);
    fs::read(&file).unwrap_or_else(|it| panic!("{it}: {talk}"))
}

/// Text that was written with `encodeURIComponent`.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let (byte, used) = match tail {
            [high, low, ..] if *first == b'%' => {
                let pair = [*high, *low];
                let digits = str::from_utf8(&pair).unwrap();
                (u8::from_str_radix(digits, 16).unwrap(), 3)
            }
            _ => (*first, 1),
        };
        bytes.push(byte);
        rest = &rest[used..];
    }
    String::from_utf8(bytes).unwrap()
}
