using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Srcnn.Tests")]
