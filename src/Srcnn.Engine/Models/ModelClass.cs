namespace Srcnn.Engine.Models;

/// <summary>What a model promises on pictures that are no photographs; its recipe and its file say it.</summary>
public enum ModelClass
{
    /// <summary>A network of a paper: sharpens, and hard edges may ring a little, as with the authors' own weights.</summary>
    Paper,

    /// <summary>The default family: shrunk back, what it makes is the picture it was given.</summary>
    Faithful,
}
