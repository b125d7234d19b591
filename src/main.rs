fn main() -> std::process::ExitCode {
    rollsim::cli::run()
}
