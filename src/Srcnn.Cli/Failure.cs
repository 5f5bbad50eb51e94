using System.Globalization;
using Srcnn.Engine.Imaging;
using Srcnn.Engine.Models;
using Srcnn.Engine.Networks;
using Srcnn.Engine.Training;
using Srcnn.Kernels;

namespace Srcnn.Cli;

/// <summary>A request that makes no sense: exit code 1.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>Something to read is missing or unreadable: exit code 2.</summary>
internal sealed class InputException(string message) : Exception(message);

/// <summary>Something stands where the output should go: exit code 4.</summary>
internal sealed class OutputExistsException(string path)
    : Exception($"{path} exists; expected a new file; give --overwrite to replace it, or another output")
{
    /// <summary>The advice where finished work may also be skipped.</summary>
    public static string WithSkip(string path) => $"{path} exists; expected a new file; give --overwrite to replace it or --skip-existing to keep it";
}

/// <summary>An exit code and the one line that explains it.</summary>
internal sealed record Failure(int Code, string Message)
{
    /// <summary>The only place where exceptions become exit codes.</summary>
    public static Failure Of(Exception exception) => exception switch
    {
        AggregateException { InnerException: { } inner } => Of(inner),
        UsageException or UnknownNetworkException or UnknownBackendException or UnknownModelException or UnknownRecipeException => new(ExitCode.Usage, Say(exception, "see 'srcnn --help'")),
        ImageException => new(ExitCode.Input, Say(exception, "check the file")),
        InputException or ModelException or ConfigException or DataException => new(ExitCode.Input, Say(exception, "check the path")),
        BackendUnavailableException or DeviceException => new(ExitCode.Device, Say(exception, "choose another --device (see 'srcnn devices')")),
        OutputExistsException => new(ExitCode.Output, Say(exception, "choose another output")),
        IOException or UnauthorizedAccessException => new(ExitCode.Output, Say(exception, "expected a place that can be written; choose another output or make room")),
        DivergedException => new(ExitCode.Numeric, Say(exception, "lower --lr")),
        OperationCanceledException => new(ExitCode.Interrupted, "interrupted"),
        _ => new(ExitCode.Internal, Internal(exception)),
    };

    /// <summary>Text with everything that could break the line or steer the terminal replaced.</summary>
    public static string OneLine(string text) => text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '?' : c)) : text;

    // Every error says what was found, what was expected and what to do; the advice is added where the thrower knew none.
    private static string Say(Exception exception, string advice)
    {
        var message = OneLine(exception.Message.TrimEnd('.', ' '));
        return message.Count(c => c == ';') >= 2 ? message : $"{message}; {advice}";
    }

    private static string Internal(Exception exception)
    {
        var advice = "expected no such thing; please report it";
        var path = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"srcnn-error-{DateTime.UtcNow:yyyyMMdd-HHmmss}-{Environment.ProcessId}.log"));
        try
        {
            File.WriteAllText(path, $"srcnn {CommandLine.Version}\n{Environment.CommandLine}\n\n{exception}\n");
            advice += $" with {path}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            advice += ", --verbose shows the stack";
        }
        return $"internal error: {OneLine($"{exception.GetType().Name}: {exception.Message}")}; {advice}";
    }
}
