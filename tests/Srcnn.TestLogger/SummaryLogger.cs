using Microsoft.VisualStudio.TestPlatform.ObjectModel;
using Microsoft.VisualStudio.TestPlatform.ObjectModel.Client;

namespace Srcnn.TestLogger;

/// <summary>
/// Prints every failure in full as it comes and, at the end, how many tests were skipped for which reason. It stands beside the quiet
/// console logger, which prints the counts; the wordier ones print a line for every skipped test.
/// </summary>
[FriendlyName("summary")]
[ExtensionUri("logger://srcnn/summary")]
public sealed class SummaryLogger : ITestLogger
{
    private readonly Dictionary<string, int> skipped = [];

    public void Initialize(TestLoggerEvents events, string testRunDirectory)
    {
        events.TestResult += (_, e) => Take(e.Result);
        events.TestRunComplete += (_, _) => PrintSkipped();
    }

    /// <summary>
    /// Why a test was skipped, without what differs from one test to the next: "SetUp : cuda is not here: no driver" and the same of
    /// another test are "cuda is not here".
    /// </summary>
    private static string Reason(string? message)
    {
        var line = (message ?? "").Split('\n', 2)[0].Trim();
        if (line.LastIndexOf("SetUp : ", StringComparison.Ordinal) is var at and >= 0) line = line[(at + "SetUp : ".Length)..];
        const string absent = " is not here";
        if (line.IndexOf(absent + ":", StringComparison.Ordinal) is var end and >= 0) line = line[..(end + absent.Length)];
        return line.Length > 0 ? line : "no reason given";
    }

    private void Take(TestResult result)
    {
        switch (result.Outcome)
        {
            case TestOutcome.Failed:
                Console.WriteLine($"  Failed {result.TestCase.FullyQualifiedName} [{result.Duration.TotalSeconds:F1} s]");
                foreach (var text in (IEnumerable<string?>)[result.ErrorMessage, result.ErrorStackTrace, .. result.Messages.Select(m => m.Text)])
                    if (!string.IsNullOrWhiteSpace(text)) Console.WriteLine($"    {text.Trim().ReplaceLineEndings(Environment.NewLine + "    ")}");
                break;
            case TestOutcome.Skipped or TestOutcome.None: // None: explicit, such as the nightly ones
                var reason = Reason(result.ErrorMessage ?? result.Messages.FirstOrDefault()?.Text);
                skipped[reason] = skipped.GetValueOrDefault(reason) + 1;
                break;
        }
    }

    private void PrintSkipped()
    {
        foreach (var (reason, count) in skipped.OrderByDescending(s => s.Value)) Console.WriteLine($"  Skipped {count}: {reason}");
    }
}
