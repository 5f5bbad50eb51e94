using System.Text;
using Spectre.Console;

namespace Srcnn.Cli;

/// <summary>Where a command prints: results on output, everything else on error.</summary>
internal sealed class Terminal(TextWriter output, TextWriter error, bool outputIsTerminal = false, bool errorIsTerminal = false, Stream? input = null, Stream? binary = null)
{
    public TextWriter Output => output;

    public TextWriter Error => error;

    /// <summary>Standard input.</summary>
    public Stream Input => input ?? Stream.Null;

    /// <summary>Standard output for what is no text.</summary>
    /// <exception cref="UsageException">It is a screen.</exception>
    public Stream Binary => outputIsTerminal
        ? throw new UsageException("standard output is a terminal; expected a pipe or a file for a picture; give -o FILE")
        : binary ?? Stream.Null;

    /// <summary>Whether a person watches both streams, so that a display may redraw itself.</summary>
    public bool IsLive => outputIsTerminal && errorIsTerminal && !Plain;

    private static bool Plain => Environment.GetEnvironmentVariable("TERM") == "dumb" || Environment.GetEnvironmentVariable("CI") is { Length: > 0 };

    private static bool Colorless => Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 };

    /// <summary>The console of the process.</summary>
    public static Terminal OfProcess()
    {
        var output = Console.OpenStandardOutput();
        return new Terminal(Writer(output, "standard output"), Writer(Console.OpenStandardError(), "standard error"), !Console.IsOutputRedirected, !Console.IsErrorRedirected, Console.OpenStandardInput(), output);
    }

    /// <summary>A display on the error stream.</summary>
    public IAnsiConsole LiveConsole() => Create(error);

    /// <summary>A table: drawn for a person, aligned columns for everything else.</summary>
    /// <param name="texts">So many columns are text, on the left; the rest are numbers.</param>
    /// <param name="onError">Whether it goes to the error stream, as what is no result.</param>
    public void Table(string title, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows, int texts = 1, bool onError = false)
    {
        var writer = onError ? error : output;
        if ((onError ? errorIsTerminal : outputIsTerminal) && !Plain)
        {
            var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle(Markup.Escape(title)) };
            for (var c = 0; c < columns.Count; c++) table.AddColumn(new TableColumn(Markup.Escape(columns[c])) { Alignment = c < texts ? Justify.Left : Justify.Right });
            foreach (var row in rows) table.AddRow([.. row.Select(cell => Markup.Escape(Failure.OneLine(cell)))]);
            Create(writer).Write(table);
            return;
        }
        writer.WriteLine(title);
        var widths = columns.Select((name, c) => rows.Select(r => r[c].Length).Append(name.Length).Max()).ToArray();
        foreach (var row in rows.Prepend(columns))
            writer.WriteLine(string.Join("  ", row.Select((cell, c) => c < texts ? Failure.OneLine(cell).PadRight(widths[c]) : cell.PadLeft(widths[c]))).TrimEnd());
    }

    // Console.Out does the same, but reads the terminal's description first.
    private static SteadyWriter Writer(Stream stream, string name) => new(new StreamWriter(stream, new UTF8Encoding(false), bufferSize: 256) { AutoFlush = true }, name);

    private static IAnsiConsole Create(TextWriter writer) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(writer),
        Ansi = AnsiSupport.Detect,
        ColorSystem = Colorless ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
    });
}
