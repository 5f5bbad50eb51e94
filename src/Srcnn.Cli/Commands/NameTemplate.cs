namespace Srcnn.Cli.Commands;

/// <summary>How outputs are called, without their extension: {name} is the input's name, {size} what was asked for, such as x3.</summary>
internal sealed record NameTemplate
{
    private const string Name = "{name}", Size = "{size}";

    private readonly string text;

    private NameTemplate(string text) => this.text = text;

    public static NameTemplate BesideInput { get; } = new($"{Name}_{Size}");

    public static NameTemplate InFolder { get; } = new(Name);

    /// <exception cref="UsageException">It is no name, or has braces around something else.</exception>
    public static NameTemplate? Parse(string? text)
    {
        if (text is null) return null;
        var rest = text.Replace(Name, "", StringComparison.Ordinal).Replace(Size, "", StringComparison.Ordinal);
        if (text.Length == 0 || rest.AsSpan().ContainsAny('{', '}') || Path.GetFileName(text) != text)
            throw new UsageException($"--name is '{text}'; expected a file name without folder, in which {Name} and {Size} are replaced; correct it");
        return new NameTemplate(text);
    }

    /// <summary>Whether the size is in it.</summary>
    public bool HasSize => text.Contains(Size, StringComparison.Ordinal);

    // The size first: braces in the name of an input mean nothing.
    public string Of(string name, string size) =>
        text.Replace(Size, size, StringComparison.Ordinal).Replace(Name, name, StringComparison.Ordinal);
}
