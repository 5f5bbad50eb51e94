namespace Srcnn.Engine.Imaging;

/// <summary>A picture that cannot be read or written as asked. Trouble of the file system itself stays an <see cref="IOException"/>.</summary>
/// <param name="path">The file as the caller named it.</param>
/// <param name="found">What the file or the request turned out to be.</param>
/// <param name="expected">What would have been accepted, or what to do.</param>
public sealed class ImageException(string path, string found, string expected, Exception? inner = null)
    : Exception($"{path}: {found}; expected {expected}", inner)
{
    /// <summary>The file as the caller named it, or "the picture".</summary>
    public string Path { get; } = path;
}
