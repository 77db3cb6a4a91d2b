// Reads golden vectors in Rust, without crates, and checks AdamW and AMSGrad in f32 and bfloat16 against
// them. What a number may be off by stands beside it in the file: nothing is known here.
//
//     rustc -O -o reader examples/golden/reader.rs
//     ./reader FILE.json ...            ./reader --wrong FILE.json ...
//
// It checks the core probes of adamw (decoupled-before) and amsgrad (of v) in float32 and bfloat16 with
// literal hyperparameters. For each it prints the largest difference of theta, m, v and v_max as a share
// of its bound. Exit 1 if one is above 1, 2 if nothing was read. --wrong swaps the decay rates.
//
// This is no JSON parser. It relies on the canonical layout: a key with its numbers on a line of its own.
use std::process::exit;

/// The nearest bfloat16, ties to even.
fn bfloat16(x: f32) -> f32 {
    if x.is_nan() {
        return x;
    }
    let bits = x.to_bits();
    f32::from_bits(bits.wrapping_add(0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
}

#[derive(Default)]
struct Hyper {
    beta1: f64,
    beta2: f64,
    eps: f64,
    weight_decay: f64,
    narrow: bool,
    maximum: bool,
}

impl Hyper {
    fn stored(&self, x: f32) -> f32 {
        if self.narrow { bfloat16(x) } else { x }
    }
}

#[derive(Default)]
struct Tensor {
    theta: Vec<f32>,
    m: Vec<f32>,
    v: Vec<f32>,
    v_max: Vec<f32>,
    gradients: Vec<Option<Vec<f32>>>,
    t: i32,
    done: usize,
}

impl Tensor {
    /// The implementation under test: worked in f32, stored in the dtype.
    fn step(&mut self, alpha: f64, h: &Hyper) {
        let now = self.done;
        self.done += 1;
        let Some(g) = &self.gradients[now] else { return };
        let (c1, c2) = ((1.0 - h.beta1.powi(self.t)) as f32, (1.0 - h.beta2.powi(self.t)) as f32);
        let (b1, b2) = (h.beta1 as f32, h.beta2 as f32);
        let (w1, w2) = ((1.0 - h.beta1) as f32, (1.0 - h.beta2) as f32);
        let keep = (1.0 - alpha * h.weight_decay) as f32;
        for (j, &g) in g.iter().enumerate() {
            self.m[j] = h.stored(b1 * self.m[j] + w1 * g);
            self.v[j] = h.stored(b2 * self.v[j] + w2 * g * g);
            if h.maximum && !(self.v[j] <= self.v_max[j]) {
                self.v_max[j] = self.v[j];
            }
            let v_hat = if h.maximum { self.v_max[j] } else { self.v[j] } / c2;
            let delta = alpha as f32 * (self.m[j] / c1) / (v_hat.sqrt() + h.eps as f32);
            self.theta[j] = h.stored(self.theta[j] * keep - delta);
        }
        self.t += 1;
    }
}

/// Reads a C99 hexadecimal float, a decimal, inf or nan: Rust has no reader for the first.
fn number(text: &str) -> f64 {
    let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |x| (-1.0, x));
    let Some(hex) = text.strip_prefix("0x") else { return sign * text.parse::<f64>().unwrap() };
    let (digits, power) = hex.split_once('p').unwrap();
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let mantissa = u64::from_str_radix(&format!("{whole}{rest}"), 16).unwrap() as f64;
    let mut power = power.parse::<i32>().unwrap() - 4 * rest.len() as i32;
    let mut value = sign * mantissa; // exact: 53 bits, then powers of two
    while power < -1000 {
        value *= 2f64.powi(-500);
        power += 500;
    }
    value * 2f64.powi(power)
}

/// The numbers behind "hex" or "bound": one, or a list.
fn numbers(line: &str, kind: &str) -> Vec<f64> {
    let key = format!("\"{kind}\": ");
    let Some(at) = line.find(&key) else { return vec![] };
    let rest = &line[at + key.len()..];
    let end = rest.find(if rest.starts_with('[') { &[']'][..] } else { &[',', '}'][..] });
    let inside = &rest[..end.unwrap_or(rest.len())];
    inside.split('"').skip(1).step_by(2).map(number).collect()
}

fn floats(line: &str) -> Vec<f32> {
    numbers(line, "hex").iter().map(|&x| x as f32).collect()
}

fn whole(line: &str) -> i64 {
    line.split(':').nth(1).and_then(|x| x.trim_matches([' ', ',']).parse().ok()).unwrap_or(0)
}

/// Returns the largest difference as a share of its bound, or None where the probe is not for us.
fn probe(text: &str, wrong: bool) -> Option<f64> {
    let (mut h, mut alpha, mut tensors) = (Hyper::default(), vec![], Vec::<Tensor>::new());
    let (mut tracing, mut now, mut at, mut worst) = (false, 0, 0, 0.0f64);
    for line in text.lines() {
        let says = |x: &str| line.contains(x);
        let bare = line.trim_start();
        let key = bare.strip_prefix('"').and_then(|x| x.split('"').next()).unwrap_or("");
        let ours = match key {
            "schema" => says("golden-probe/2"),
            "class" => says("\"core\""),
            "rule" => {
                h.maximum = says("\"amsgrad\"");
                h.maximum || says("\"adamw\"")
            }
            "dialect" => {
                let its = if h.maximum { "\"amsgrad\": \"v\"" } else { "\"decoupled-before\"" };
                says("\"paper\"") && says("\"bias_correction\": \"on\"") && says(its)
            }
            "dtype" => {
                h.narrow = says("\"bfloat16\"");
                h.narrow || says("\"float32\"")
            }
            "hyper" => says("\"literal\""),
            "drawn" => false,
            _ => true,
        };
        if !ours {
            return None;
        }
        match key {
            "alpha" => alpha = numbers(line, "hex"),
            "beta1" => h.beta1 = numbers(line, "hex")[0],
            "beta2" => h.beta2 = numbers(line, "hex")[0],
            "eps" => h.eps = numbers(line, "hex")[0],
            "weight_decay" => h.weight_decay = numbers(line, "hex")[0],
            "trace" => {
                tracing = true;
                if wrong {
                    std::mem::swap(&mut h.beta1, &mut h.beta2);
                }
            }
            "step" if tracing => now = whole(line) as usize,
            "tensor" if tracing => {
                at = whole(line) as usize;
                while tensors[at].done < now {
                    let i = if alpha.len() > 1 { tensors[at].done } else { 0 };
                    tensors[at].step(alpha[i], &h);
                }
            }
            "theta" | "m" | "v" | "v_max" if tracing => {
                let p = &tensors[at];
                let got = match key {
                    "theta" => &p.theta,
                    "m" => &p.m,
                    "v" => &p.v,
                    _ => &p.v_max,
                };
                let (want, bound) = (numbers(line, "hex"), numbers(line, "bound"));
                for (j, &want) in want.iter().enumerate() {
                    let have = got[j] as f64;
                    // An infinite bound: something may overflow on the way, and nothing is known.
                    if have == want || want.is_nan() && have.is_nan() || bound[j].is_infinite() {
                        continue;
                    }
                    let share = (have - want).abs() / bound[j];
                    worst = worst.max(if share.is_nan() { f64::INFINITY } else { share });
                }
            }
            "size" => {
                let none = vec![0f32; whole(line) as usize];
                let (m, v, v_max) = (none.clone(), none.clone(), none);
                tensors.push(Tensor { m, v, v_max, t: 1, ..Default::default() });
            }
            _ => {
                let Some(p) = tensors.last_mut() else { continue };
                match key {
                    "t" if !tracing => p.t = whole(line) as i32,
                    "theta" => p.theta = floats(line),
                    "m" => p.m = floats(line),
                    "v" => p.v = floats(line),
                    "v_max" => p.v_max = floats(line),
                    "" if !tracing && bare.starts_with("null") => p.gradients.push(None),
                    "" if !tracing && bare.starts_with("{\"hex\":") => {
                        p.gradients.push(Some(floats(line)));
                    }
                    _ => {}
                }
            }
        }
    }
    tracing.then_some(worst)
}

fn main() {
    let mut names: Vec<String> = std::env::args().skip(1).collect();
    let wrong = names.first().is_some_and(|x| x == "--wrong");
    if wrong {
        names.remove(0);
    }
    let (mut read, mut beyond) = (0, 0);
    for name in &names {
        let Ok(text) = std::fs::read_to_string(name) else {
            eprintln!("{name}: cannot be read");
            exit(2)
        };
        let Some(worst) = probe(&text, wrong) else { continue };
        println!("{:<40} {worst:8.3} of its bound", name.rsplit('/').next().unwrap());
        read += 1;
        beyond += (worst > 1.0) as i32;
    }
    println!("{read} probes, {beyond} beyond their bounds");
    exit(if read == 0 { 2 } else { (beyond > 0) as i32 })
}
