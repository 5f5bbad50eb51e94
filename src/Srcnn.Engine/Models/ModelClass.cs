namespace Srcnn.Engine.Models;

/// <summary>What a model promises on pictures that are no photographs; its recipe and its file say it.</summary>
public enum ModelClass
{
    /// <summary>A network of a paper: sharpens, and hard edges may ring a little, as with the authors' own weights.</summary>
    Paper,

    /// <summary>The default family: shrunk back, what it makes is the picture it was given.</summary>
    Faithful,
}

/// <summary>Classes as files and messages call them.</summary>
public static class ModelClassText
{
    /// <summary>All of them.</summary>
    public static IEnumerable<string> All => Enum.GetValues<ModelClass>().Select(Text);

    /// <summary>"faithful".</summary>
    public static string Text(this ModelClass promised) => promised.ToString().ToLowerInvariant();

    /// <summary>Reads what <see cref="Text"/> gave; null if it is anything else.</summary>
    public static ModelClass? Parse(string text) => Enum.GetValues<ModelClass>().Select(c => (ModelClass?)c).FirstOrDefault(c => c!.Value.Text() == text);
}
